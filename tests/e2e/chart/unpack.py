"""Takes Helm out of the packages that carry it: `python unpack.py`, with the Python of the environment `chart`.

Helm itself is in no package index. The layers that AWS's CDK deploys kubectl with have it, as a zip in an npm package in a
Python package.
"""

import importlib.util
import io
import pathlib
import sys
import tarfile
import zipfile

LAYERS = {"helm3": "v32", "helm4": "v33"}


def main():
    packages = pathlib.Path(importlib.util.find_spec("aws_cdk").submodule_search_locations[0])
    for name, layer in LAYERS.items():
        (archive,) = (packages / f"lambda_layer_kubectl_{layer}" / "_jsii").glob("*.tgz")
        with tarfile.open(archive) as package:
            content = package.extractfile("package/lib/layer.zip").read()
        program = pathlib.Path(sys.executable).with_name(name)
        program.write_bytes(zipfile.ZipFile(io.BytesIO(content)).read("helm/helm"))
        program.chmod(0o755)


if __name__ == "__main__":
    main()
