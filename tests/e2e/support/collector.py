"""A collector of OpenTelemetry that reads what arrives with OpenTelemetry's own messages."""

import gzip
import http.server
import ssl
import threading
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

from . import machine


class Collector:
    """`spans` is everything that was accepted; it may come and go, always on the same port. `answers` are the statuses and headers of the
    next answers before it accepts any again; a status of 0 is none at all, as long as it runs. `posts` says when it was asked, with
    which path and headers, `pause` for how many seconds it thinks. With a `certificate` and its key it speaks TLS as localhost, and
    with `clients`, the file of an authority, to those alone who have a certificate of it."""

    def __init__(self, certificate=None, clients=None):
        self.answers, self.posts, self.pause, self._certificate, self._clients = [], [], 0, certificate, clients
        self._gone = threading.Event()
        self.port = machine.free_port()
        self.url = f"https://localhost:{self.port}" if certificate else f"http://127.0.0.1:{self.port}"
        self.requests = []
        self._listener = None

    @property
    def spans(self):
        scopes = (scope for request in self.requests for resource in request.resource_spans for scope in resource.scope_spans)
        return [span for scope in scopes for span in scope.spans]

    def start(self):
        self._gone.clear()
        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate)
            if self._clients:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self._clients)
            self._listener.socket = context.wrap_socket(self._listener.socket, server_side=True)
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._gone.set()
        if self._listener:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None

    def _handler(collector):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.posts.append((time.monotonic(), self.path, self.headers))
                time.sleep(collector.pause)
                if collector.answers:
                    return self.refuse(*collector.answers.pop(0))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                fits = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
                if fits:
                    collector.requests.append(ExportTraceServiceRequest.FromString(body))
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if fits else 400)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def refuse(self, status, headers):
                if status == 0:
                    collector._gone.wait()
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler
