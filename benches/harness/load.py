"""HTTP clients that send prepared requests. What they cost is not counted."""

import dataclasses
import http.client
import json
import statistics
import threading
import time

API = "/api/2.0/mlflow/"


def answers(port):
    """Whether the server is healthy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def call(port, method, path, body=None):
    """One request; answers the decoded JSON."""
    return json.loads(fetch(port, method, path, None if body is None else json.dumps(body).encode()))


def fetch(port, method, path, body=None):
    """One request; answers what came as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        return send(connection, method, path, body)
    finally:
        connection.close()


def send(connection, method, path, body, headers=None):
    """`path` is below that of the API, unless it starts with a slash; a body is JSON, unless `headers` says otherwise."""
    headers = headers or ({"Content-Type": "application/json"} if body is not None else {})
    connection.request(method, path if path.startswith("/") else API + path, body, headers)
    response = connection.getresponse()
    data = response.read()
    if response.status != 200:
        raise RuntimeError(f"{method} {path}: {response.status} {data[:500]!r}")
    return data


@dataclasses.dataclass
class Outcome:
    requests: int
    seconds: float
    median_ms: float


def drive(port, requests_of_clients):
    """Sends, with one keep-alive connection for each client, its (method, path, body[, headers]) requests one after another."""
    times, failures = [], []
    gate = threading.Barrier(len(requests_of_clients) + 1)

    def client(requests):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
            connection.connect()
            own = []
            gate.wait()
            for request in requests:
                began = time.perf_counter()
                send(connection, *request)
                own.append(time.perf_counter() - began)
            connection.close()
            times.extend(own)
        except Exception as failure:
            failures.append(failure)
            gate.abort()

    threads = [threading.Thread(target=client, args=(requests,)) for requests in requests_of_clients]
    for thread in threads:
        thread.start()
    try:
        gate.wait()
    except threading.BrokenBarrierError:
        pass
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return Outcome(len(times), seconds, statistics.median(times) * 1e3)
