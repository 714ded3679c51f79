"""Envoy before a server that has a static prefix: the prefix is all that can be reached, as in a shared domain."""

import json

from . import machine


class Envoy:
    """Passes `url` and everything below it to the server, unchanged. Any other path of its origin is a 404 of its own."""

    def __init__(self, server):
        self.origin = f"http://127.0.0.1:{machine.free_port()}"
        self.url = self.origin + server.prefix
        folder = machine.scratch("envoy")
        config, log = folder / "envoy.json", folder / "log"
        config.write_text(json.dumps(_config(self.origin, server)))
        program = next(machine.packages("browser").glob("envoy/_bin/envoy"))
        # Hot restarts share memory between all Envoys of a machine; several sessions may run here.
        command = [program, "-c", config, "--concurrency", 1, "--disable-hot-restart", "-l", "warning"]
        self.process = machine.spawn(command, log, cwd=folder)
        machine.wait_until(lambda: machine.answers(f"{self.url}/health"), "envoy", self.process, log)

    def stop(self):
        machine.stop(self.process)


def _config(origin, server):
    routes = [
        # The pages refer to everything relatively, so that the folder has to end with its slash.
        {"match": {"path": server.prefix}, "redirect": {"path_redirect": f"{server.prefix}/"}},
        {"match": {"prefix": f"{server.prefix}/"}, "route": {"cluster": "server", "timeout": "60s"}},
    ]
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [_typed("envoy.filters.http.router", "filters.http.router.v3.Router")],
        "upgrade_configs": [{"upgrade_type": "websocket"}],
    }
    listener = {
        "address": _address(origin),
        "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}],
    }
    endpoint = {"endpoint": {"address": _address(server.origin)}}
    cluster = {"name": "server", "type": "STATIC", "connect_timeout": "5s",
               "load_assignment": {"cluster_name": "server", "endpoints": [{"lb_endpoints": [endpoint]}]}}
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _typed(name, kind):
    return {"name": name, "typed_config": {"@type": f"type.googleapis.com/envoy.extensions.{kind}"}}


def _address(origin):
    host, port = origin.removeprefix("http://").split(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}
