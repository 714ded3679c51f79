"""A throw-away S3 server: SeaweedFS on loopback ports."""

import json

import boto3
from botocore.config import Config

from . import processes
from .servers import RIG

BUCKET, KEY, SECRET = "mlflow", "tracklet-bench", "tracklet-bench-secret"


class Seaweed:
    def __init__(self):
        folder = processes.scratch("s3")
        # Every HTTP port is accompanied by a gRPC port 10000 above it.
        ports = {name: processes.free_port(also=(10000,)) for name in ("master", "volume", "filer", "s3", "admin")}
        self._port = ports["s3"]
        identities = folder / "s3.json"
        rights = ["Admin", "Read", "Write", "List", "Tagging"]
        identities.write_text(json.dumps({"identities": [
            {"name": "bench", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": rights}]}))
        command = [RIG / "seaweedfs/bin/weed", f"-logdir={folder}", "mini", f"-dir={folder}", "-ip=127.0.0.1",
                   "-ip.bind=127.0.0.1", "-master.telemetry=false", "-webdav=false", "-admin.ui=false",
                   "-s3.port.iceberg=0", f"-s3.config={identities}", f"-bucket={BUCKET}",
                   *(f"-{name}.port={port}" for name, port in ports.items())]
        self._process = processes.spawn(command, folder / "log", cwd=folder)
        processes.wait_until(self._answers, self._process, folder / "log")

    def variables(self):
        """What a server needs to know, as the variables that every AWS client reads."""
        return {"MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{self._port}", "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}

    def stop(self):
        processes.stop(self._process)

    def _answers(self):
        """Whether the bucket takes an object: it is made some time after the port is open."""
        client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self._port}", aws_access_key_id=KEY,
                              aws_secret_access_key=SECRET, region_name="us-east-1",
                              config=Config(retries={"max_attempts": 1}))
        try:
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
        except Exception:
            return False
        return True
