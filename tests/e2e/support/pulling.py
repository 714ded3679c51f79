"""`tracklet pull` as a process, and the troubles that it meets: connections that are cut, servers that lie."""

import http.server
import json
import select
import socket
import socketserver
import subprocess
import threading
import time
import urllib.parse

from . import machine
from .servers import CLEAN

# Nor must a machine's own certificates.
BARE = {key: value for key, value in CLEAN.items()
        if key not in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")}


def pull(*arguments, server=None, env=None, timeout=120):
    """Runs the command to its end. Few retries, unless the environment says otherwise: no test waits for minutes."""
    known = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"} | ({"MLFLOW_TRACKING_URI": server} if server else {})
    return subprocess.run([machine.tracklet(), "pull", *map(str, arguments)], env=BARE | known | (env or {}),
                          capture_output=True, text=True, timeout=timeout)


def succeed(*arguments, **options):
    done = pull(*arguments, **options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


def fail(status, *arguments, **options):
    done = pull(*arguments, **options)
    assert done.returncode == status, f"{done.returncode}: {done.stderr}"
    return done.stderr


class Cutter:
    """A TCP proxy that ends a connection when it has passed `after` bytes on to the client, `times` times.

    It rests for `pause` seconds after each bit of an answer, and counts what it has `passed`.
    """

    def __init__(self, origin, after, times, pause=0):
        address = urllib.parse.urlsplit(origin)
        self.cuts = self.passed = 0
        self._lock = threading.Lock()
        cutter = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    self.copy()
                except OSError:
                    pass  # either side has gone

            def copy(self):
                with socket.create_connection((address.hostname, address.port)) as upstream:
                    passed = 0
                    while True:
                        ready, _, _ = select.select([self.request, upstream], [], [])
                        for source in ready:
                            data = source.recv(65536)
                            if not data:
                                return
                            if source is upstream:
                                time.sleep(pause)
                                passed += len(data)
                                cutter.passed += len(data)
                                if passed > after and cutter._may_cut(times):
                                    self.request.sendall(data[:len(data) // 2])
                                    return
                            (self.request if source is upstream else upstream).sendall(data)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _may_cut(self, times):
        with self._lock:
            if self.cuts >= times:
                return False
            self.cuts += 1
            return True

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Pretender:
    """A server of artifacts that says what a test wants: `files` by path, `listings` by folder, `answer` for the rest.

    `answer(path, headers)` may return a status, headers and a body, or nothing.
    """

    ROUTE = "/api/2.0/mlflow-artifacts/artifacts"

    def __init__(self, files=(), listings=(), answer=None, tls=None):
        files, listings = dict(files), dict(listings)
        self.requests = []
        pretender = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                pretender.requests.append((self.path, dict(self.headers)))
                given = answer(self.path, self.headers) if answer else None
                self.reply(*(given or self.artifact()))

            def artifact(self):
                parts = urllib.parse.urlsplit(self.path)
                folder = dict(urllib.parse.parse_qsl(parts.query)).get("path", "")
                if parts.path == Pretender.ROUTE:
                    return 200, {}, json.dumps({"files": listings.get(folder, [])}).encode()
                name = urllib.parse.unquote(parts.path.removeprefix(Pretender.ROUTE + "/"))
                if name in files:
                    return 200, {}, files[name]
                return 404, {}, json.dumps({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"No {name} here"}).encode()

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    if value is not None:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def listed(*names, size=None, is_dir=False):
    """Lines of a listing."""
    return [{"path": name, "is_dir": is_dir} | ({} if is_dir else {"file_size": size}) for name in names]


def content(folder):
    """What is below a folder, without the marker: paths and bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != ".tracklet-pull.json"}


def wait_for(condition, patience=20):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
