"""Requests exactly as written: no library that tidies paths, headers or bodies up."""

import dataclasses
import http.client
import json
import threading
import urllib.parse


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


class Wire:
    """One kept-alive connection per thread to one server."""

    def __init__(self, origin, timeout=60):
        self._address = urllib.parse.urlsplit(origin).netloc
        self._timeout = timeout
        self._local = threading.local()

    def send(self, method, target, headers=(), body=None):
        """`target` goes onto the request line as it is. A connection the server has closed meanwhile is renewed."""
        fresh = getattr(self._local, "connection", None) is None
        try:
            return self._send(method, target, headers, body)
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
            self.close()
            if fresh:
                raise
            return self._send(method, target, headers, body)

    def close(self):
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
        self._local.connection = None

    def _send(self, method, target, headers, body):
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._address, timeout=self._timeout)
            self._local.connection = connection
        connection.putrequest(method, target, skip_accept_encoding=True,
                              skip_host=any(name.lower() == "host" for name, _ in headers))
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        elif method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", "0")
        connection.endheaders(body)
        reply = connection.getresponse()
        return Answer(reply.status, {key.lower(): value for key, value in reply.getheaders()}, reply.read())
