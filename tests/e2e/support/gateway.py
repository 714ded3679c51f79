"""A gateway before a server that lets nothing through without its token, as one of a service mesh would."""

import http.client
import http.server
import json
import secrets
import shutil
import threading
import urllib.parse

from . import machine

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class Gateway:
    """Serves on `url` what the server behind it answers, whole or in pieces as they come. `asked` is every path with its status."""

    def __init__(self, server):
        self.token = secrets.token_hex(16)
        self.asked = []
        self._upstream = urllib.parse.urlsplit(server.origin).netloc
        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", machine.free_port()), self._handler())
        self.url = f"http://127.0.0.1:{self._listener.server_port}{server.prefix}"
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    def headers(self, token=None):
        """What a request needs to be let through; with another token, what is not enough."""
        return {"Authorization": f"Bearer {token or self.token}"}

    def client_environment(self):
        """The same for an MLflow client, and for `tracklet pull`."""
        return {"MLFLOW_TRACKING_URI": self.url, "MLFLOW_TRACKING_TOKEN": self.token}

    def initializer_environment(self, token=None):
        """The same for KServe's storage initializer: what its controller makes of a secret with `https-host` and `headers`."""
        return {"127.0.0.1-headers": json.dumps(self.headers(token))}

    def stop(self):
        self._listener.shutdown()
        self._listener.server_close()

    def _handler(gateway):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self):
                if self.headers.get("Authorization") != f"Bearer {gateway.token}":
                    gateway.asked.append((self.path, 401))
                    return self.send_error(401)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream = http.client.HTTPConnection(gateway._upstream, timeout=120)
                upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in HOP_BY_HOP:
                        upstream.putheader(name, value)
                upstream.endheaders(body)
                try:
                    self.answer(upstream.getresponse())
                except (OSError, http.client.HTTPException):
                    self.close_connection = True
                finally:
                    upstream.close()

            def answer(self, reply):
                gateway.asked.append((self.path, reply.status))
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                if reply.length is not None:
                    self.end_headers()
                    shutil.copyfileobj(reply, self.wfile)
                    # What is missing of an answer that broke off: the caller has to be told by the end of the connection.
                    self.close_connection = self.close_connection or bool(reply.length)
                    return
                # Piece by piece: an answer that breaks off must break off here as well, not end.
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                while piece := reply.read1(1 << 16):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.write(b"0\r\n\r\n")

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        return Handler
