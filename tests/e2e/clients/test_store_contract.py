"""The half of the artifact store's contract that needs an S3 server, which `cargo test` alone leaves out."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_s3_keeps_the_contract(seaweed):
    environment = {**os.environ, **seaweed.environment(), "TRACKLET_TEST_S3_ENDPOINT": seaweed.endpoint}
    command = ["cargo", "test", "--locked", "--lib", "artifacts::contract", "--", "--ignored"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    passed = re.search(r"test result: ok\. (\d+) passed", done.stdout)
    assert done.returncode == 0 and passed and int(passed.group(1)) >= 5, done.stdout + done.stderr
