"""A proxy that falsifies a few answers, to prove that a comparison notices."""

import http.server
import json
import threading

from .servers import Server
from .wire import Wire


def start_broken(server):
    """Puts the proxy before a running server; answers it as a server."""
    upstream = Wire(server.origin)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        requests = 0

        def handle_any(self):
            length = self.headers.get("Content-Length")
            body = self.rfile.read(int(length)) if length is not None else None
            headers = [(key, value) for key, value in self.headers.items() if key.lower() not in ("host", "content-length")]
            answer = upstream.send(self.command, self.path, headers, body)
            Handler.requests += 1
            status, content = falsify(Handler.requests, answer)
            self.send_response(status)
            self.send_header("Content-Type", answer.headers.get("content-type", "text/plain"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_):
            pass

    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    return Server("broken", f"http://127.0.0.1:{proxy.server_port}", folder=server.folder, process=server.process,
                  place=server.place)


def falsify(number, answer):
    """Every fifth answer is wrong in one of several ways."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return answer.status, answer.body
    if number % 5 or not isinstance(content, dict):
        return answer.status, answer.body
    if "error_code" in content:
        if number % 2:
            content["message"] += " "
        else:
            content["error_code"] = "INTERNAL_ERROR"
    elif content:
        content.pop(sorted(content)[0])
    else:
        return 201, answer.body
    return answer.status, json.dumps(content).encode()
