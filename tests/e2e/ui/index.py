"""A package index on the loopback, which says what a test wants."""

import hashlib
import json
import urllib.parse

from support.pulling import Pretender

JSON = "application/vnd.pypi.simple.v1+json"


class PackageIndex:
    """Offers `wheels`, pairs of names and bytes, as JSON or as a page of links.

    `digest` stands in for the real ones (None: no digest is announced), `answer(path, headers)` may return a status,
    headers and a body instead, or nothing.
    """

    def __init__(self, wheels, kind="json", digest=True, answer=None):
        self._files, self._digest = dict(wheels), digest
        listing = self._json if kind == "json" else self._page

        def offered(path, headers):
            given = answer(path, headers) if answer else None
            if given or path != "/simple/mlflow/":
                return given or self._file(urllib.parse.unquote(path))
            return listing()

        self._server = Pretender(answer=offered)
        self.stop, self.requests = self._server.stop, self._server.requests
        self.origin, self.url = self._server.url, f"{self._server.url}/simple"

    def downloads(self):
        """The files that were asked for."""
        return [path for path, _ in self.requests if path.startswith("/files/")]

    def _file(self, path):
        data = self._files.get(path.removeprefix("/files/"))
        return (404, {}, b"no such file") if data is None else (200, {}, data)

    def _links(self):
        """Names, addresses and digests."""
        for name, data in self._files.items():
            digest = hashlib.sha256(data).hexdigest() if self._digest is True else self._digest
            yield name, f"../../files/{urllib.parse.quote(name)}", digest

    def _json(self):
        files = [{"filename": name, "url": url, "hashes": {"sha256": digest} if digest else {}} for name, url, digest in self._links()]
        return 200, {"Content-Type": JSON}, json.dumps({"meta": {"api-version": "1.0"}, "name": "mlflow", "files": files}).encode()

    def _page(self):
        links = [f'<a href="{url}{f"#sha256={digest}" if digest else ""}" data-requires-python="&gt;=3.9">{name}</a><br/>'
                 for name, url, digest in self._links()]
        return 200, {"Content-Type": "text/html"}, "\n".join(["<!DOCTYPE html><html><body>", *links, "</body></html>"]).encode()
