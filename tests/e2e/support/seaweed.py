"""A throw-away S3 server: SeaweedFS on loopback ports."""

import json

from . import machine


class Seaweed:
    BUCKET = "mlflow"
    KEY, SECRET = "tracklet-test", "tracklet-test-secret"

    def __init__(self, address="127.0.0.1", port=None, certificate=None, key=KEY, secret=SECRET):
        """With `certificate`, its file and its key's, it also speaks https, on `https_port`."""
        self.KEY, self.SECRET = key, secret
        self._folder = machine.scratch("s3")
        self.log = self._folder / "log"
        # Every HTTP port is accompanied by a gRPC port 10000 above it.
        ports = {name: machine.free_port(also=(10000,)) for name in ("master", "volume", "filer", "s3", "admin")}
        ports["s3"] = port or ports["s3"]
        self.endpoint = f"http://{address}:{ports['s3']}"
        identities = self._folder / "s3.json"
        identities.write_text(json.dumps({"identities": [{
            "name": "tracklet",
            "credentials": [{"accessKey": self.KEY, "secretKey": self.SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }]}))
        command = [machine.environment("seaweedfs") / "weed", f"-logdir={self._folder}", "mini",
                   f"-dir={self._folder}", f"-ip={address}", f"-ip.bind={address}", "-master.telemetry=false",
                   "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={identities}",
                   f"-bucket={self.BUCKET}", *(f"-{name}.port={port}" for name, port in ports.items())]
        if certificate:
            self.https_port = machine.free_port()
            command += [f"-s3.port.https={self.https_port}", f"-s3.cert.file={certificate[0]}", f"-s3.key.file={certificate[1]}"]
        self._process = machine.spawn(command, self.log, cwd=self._folder)
        machine.wait_until(self._is_ready, "seaweedfs", self._process, self.log)

    def environment(self):
        """What an S3 client needs to know, as the variables every AWS client reads."""
        return {"MLFLOW_S3_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": self.KEY,
                "AWS_SECRET_ACCESS_KEY": self.SECRET, "AWS_DEFAULT_REGION": "us-east-1"}

    def client(self):
        import boto3
        from botocore.config import Config

        return boto3.client("s3", endpoint_url=self.endpoint, aws_access_key_id=self.KEY,
                            aws_secret_access_key=self.SECRET, region_name="us-east-1",
                            config=Config(signature_version="s3v4", retries={"max_attempts": 1}))

    def stop(self):
        machine.stop(self._process)

    def _is_ready(self):
        try:
            self.client().put_object(Bucket=self.BUCKET, Key="ready", Body=b"ready")
        except Exception:
            return False
        return True
