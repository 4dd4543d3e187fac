"""System calls a request, counted by strace in a run of its own: it slows a server down.

The load is a few lines of Python here, because the number of requests has to be exact.
"""

import re
import socket
import time

from bench_rounds import result, single_value
from bench_servers import HELLO, PATIENCE, Unusable, start

WAITS = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6"}
# With or without the pid in front; the second half of a call that was cut in two has no such form.
CALL = re.compile(r"^(?:\d+ +)?([a-z_][a-z0-9_]*)\(", re.MULTILINE)
CLIENTS = 64
TIMES = 40

REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LAST_REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def count_calls(text, waits):
    names = CALL.findall(text)
    return len(names) if waits else sum(name not in WAITS for name in names)


def settled(trace):
    """What strace has written, once the server has nothing left to do."""
    size = -1
    while trace.stat().st_size != size:
        size = trace.stat().st_size
        time.sleep(0.05)
    return trace.read_text(errors="replace")


def connect_all(port):
    address = ("127.0.0.1", port)
    return [socket.create_connection(address, timeout=PATIENCE) for _ in range(CLIENTS)]


def ask_all(clients, request):
    """All ask, then all read their answers."""
    for client in clients:
        client.sendall(request)
    for client in clients:
        answer = b""
        while not answer.endswith(HELLO.encode()):
            more = client.recv(4096)
            if not more:
                raise OSError("the answer is cut short")
            answer += more


def close_all(clients):
    for client in clients:
        client.close()


def on_new_connections(port, times):
    """Every request on a connection of its own; returns how many there were."""
    for _ in range(times):
        clients = connect_all(port)
        ask_all(clients, LAST_REQUEST)
        close_all(clients)
    return times * CLIENTS


class KeptConnections:
    """The same connections for all requests; the first requests are not counted."""

    def __init__(self):
        self.clients = []

    def __call__(self, port, times):
        self.clients = self.clients or connect_all(port)
        for _ in range(times):
            ask_all(self.clients, REQUEST)
        return times * CLIENTS


def calls_per_request(bench, contender, load, waits):
    """The calls of a longer run, after a first one that has the server ready."""
    trace = bench.folder / f"calls-{contender.name.replace('/', ' ')}"
    with bench.processes.scope():
        server = start(bench, contender, prefix=[bench.strace, "-f", "-qq", "-o", trace])
        try:
            load(server.port, 1)
            before = count_calls(settled(trace), waits)
            requests = load(server.port, 2 if bench.smoke else TIMES)
            return (count_calls(settled(trace), waits) - before) / requests, requests
        except OSError as error:
            raise Unusable(f"{contender.name} under strace: {error}") from None


def calls_result(bench, name, contenders, waits):
    """Yields the result of a scenario's system calls, if strace is here."""
    if not bench.strace:
        bench.note(f"{name}: system calls are not counted without strace")
        return
    points = []
    for contender in contenders:
        if contender.name in bench.lost:
            continue
        bench.progress(f"system calls of {contender.name}")
        load = KeptConnections() if waits else on_new_connections
        try:
            value, requests = calls_per_request(bench, contender, load, waits)
            points.append(single_value(contender.name, value, requests))
        except Unusable as problem:
            bench.note(f"{name}: no system calls of {contender.name}: {problem}")
    if points:
        title = f"system calls a {'request' if waits else 'connection, waits not counted'}"
        yield result(f"{name}-calls", title, points, figure="system calls", unit="")
