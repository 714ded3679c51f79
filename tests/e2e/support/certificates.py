"""A certificate authority that nobody else trusts."""

import subprocess

from . import machine


class Authority:
    def __init__(self):
        self._folder = machine.scratch("ca")
        self.file = self._folder / "ca.pem"
        self._openssl("req", "-x509", *self._key("ca"), "-days", "2", "-subj", "/CN=Tracklet's test authority", "-out", self.file,
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, *names, usage="serverAuth"):
        """A certificate for these names of hosts; answers its file and its key's. With the usage `clientAuth` it is a client's."""
        name = names[0]
        request, certificate, key = (self._folder / f"{name}.{ending}" for ending in ("csr", "pem", "key"))
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={','.join(f'DNS:{name}' for name in names)}\nextendedKeyUsage={usage}\n")
        self._openssl("req", *self._key(name), "-subj", f"/CN={name}", "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._folder / "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", extensions, "-out", certificate)
        return certificate, key

    def _key(self, name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self._folder / f"{name}.key"

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
