"""As much of a Kubernetes API as a client needs that applies an InferenceService."""

import http.server
import json
import threading

from . import machine

GROUP, VERSION = "serving.kserve.io", "v1beta1"
KIND = {"name": "inferenceservices", "singularName": "inferenceservice", "namespaced": True, "kind": "InferenceService",
        "verbs": ["get", "patch"]}
DISCOVERY = {
    "/version": {"major": "1", "minor": "33"},
    "/api": {"kind": "APIVersions", "versions": []},
    "/apis": {"kind": "APIGroupList", "groups": [{
        "name": GROUP, "versions": [{"groupVersion": f"{GROUP}/{VERSION}", "version": VERSION}],
        "preferredVersion": {"groupVersion": f"{GROUP}/{VERSION}", "version": VERSION}}]},
    f"/apis/{GROUP}/{VERSION}": {"kind": "APIResourceList", "groupVersion": f"{GROUP}/{VERSION}", "resources": [KIND]},
}


class Kubernetes:
    """Keeps what was applied, the newest last, as pairs of path and manifest. `config` is the path of a kubeconfig."""

    def __init__(self):
        self.applied = []
        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", machine.free_port()), self._handler())
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        self.config = machine.scratch("kubernetes") / "config"
        # JSON is YAML.
        self.config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{self._listener.server_port}"}}],
            "users": [{"name": "test", "user": {"token": "test"}}],
        }))

    def stop(self):
        self._listener.shutdown()
        self._listener.server_close()

    def _handler(kubernetes):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                content = DISCOVERY.get(self.path.rstrip("/"))
                self.answer(200 if content else 404, content or {"kind": "Status", "code": 404})

            def do_PATCH(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                path, _, query = self.path.partition("?")
                if self.headers["Content-Type"] != "application/apply-patch+yaml" or "fieldManager=" not in query:
                    return self.answer(415, {"kind": "Status", "code": 415})
                kubernetes.applied.append((path, body))
                self.answer(200, body)

            def answer(self, status, content):
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
