"""The scenario `instructions`: how many instructions stage 4 executes for a request.

Times differ from run to run and from machine to machine; what callgrind counts repeats, whoever
else is busy, so that a change for the worse is seen in review. It counts what runs in user space,
not the kernel's part.

The server is started twice, for few requests and for many. The difference is what the further ones
cost: the start and the end of the program cancel out, and so does the first use of things.
"""

import json
import re
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bench_peers
from bench_processes import Processes
from bench_servers import CannotRun
from bench_setup import first_line

FEW, MANY = 160, 1760  # requests; multiples of the depth of pipelining
DEPTH = 16
# Neither is inlined: others call them from another file.
FUNCTIONS = ("http_parser_feed", "http_connection_step")

HELLO = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"  # as wrk sends it
FROM_BROWSER = b"""\
GET /hello HTTP/1.1
Host: 127.0.0.1:8080
Connection: keep-alive
Cache-Control: max-age=0
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Accept-Language: en-GB,en;q=0.7,de;q=0.3
Accept-Encoding: gzip, deflate, br, zstd
Cookie: theme=dark; session=f3c1a0b2d4e5968778695a4b3c2d1e0f
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: same-origin

""".replace(b"\n", b"\r\n")
FILE = b"GET /file-1k HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"
ECHO = b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: 100\r\n\r\n" + 100 * b"x"
LAST_HELLO = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n"


@dataclass
class Kind:
    """A kind of request."""

    name: str
    request: bytes
    depth: int = 1  # so many at a time
    kept: bool = True  # the connection, for all of them


KINDS = [
    Kind("GET /hello, as wrk sends it", HELLO),
    Kind("the same, as a browser sends it", FROM_BROWSER),
    Kind(f"GET /hello, {DEPTH} pipelined", HELLO, depth=DEPTH),
    Kind("GET /hello, a new connection each", LAST_HELLO, kept=False),
    Kind("GET of a file of 1 KiB", FILE),
    Kind("POST /echo of 100 bytes", ECHO),
]


def read_answer(reader):
    """Reads one answer to its end; raises OSError if it is not the one that was asked for."""
    lines = []
    while not lines or lines[-1].strip():
        lines.append(reader.readline())
    length = re.search(rb"\r\nContent-Length: (\d+)\r\n", b"".join(lines))
    if not lines[0].startswith(b"HTTP/1.1 200 ") or not length:
        raise OSError(f"the answer begins with {lines[0]!r}")
    reader.read(int(length[1]))


def converse(port, kind, requests):
    """Sends batches of requests, each when the one before it is answered: a read brings a batch."""
    left = requests
    while left:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with client.makefile("rb") as reader:
                for _ in range(left // kind.depth if kind.kept else 1):
                    client.sendall(kind.depth * kind.request)
                    for _ in range(kind.depth):
                        read_answer(reader)
                        left -= 1
                if not kind.kept:
                    reader.read()  # nothing, when the server has closed its side


def costs_in(text):
    """Returns what callgrind has counted: by the whole process, and by each of the functions.

    In its file a name is spelled out only where it comes first. A function's cost, with all that it
    calls, stands behind each call of it.
    """
    names = dict(re.findall(r"fn=\((\d+)\) (\S+)", text))
    costs = {name: 0 for name in FUNCTIONS}
    for number, cost in re.findall(r"^cfn=\((\d+)\).*\ncalls=.*\n\S+ (\d+)$", text, re.MULTILINE):
        if names[number] in costs:
            costs[names[number]] += int(cost)
    costs["process"] = int(re.search(r"^totals: (\d+)$", text, re.MULTILINE)[1])
    return costs


def count(valgrind, server, folder, kind, requests):
    """Returns the costs of a server that answers so many requests."""
    counted = folder / "callgrind.out"
    command = [valgrind, "--tool=callgrind", f"--callgrind-out-file={counted}", server]
    command += ["--port=0", "--threads=0", "--log-level=error", f"--root={folder / 'root'}"]
    counted.unlink(missing_ok=True)
    processes = Processes(folder)
    with processes.scope():
        process = processes.start("callgrind", command)
        listening = process.wait_for_output(r"listening on http://127\.0\.0\.1:(\d+)/")
        if not listening:
            raise CannotRun(f"stage 4 under callgrind: {process.last_words()}")
        try:
            converse(int(listening[1]), kind, requests)
        except OSError as error:
            raise CannotRun(f"stage 4 under callgrind: {error}") from None
    if not counted.exists():
        raise CannotRun(f"callgrind has counted nothing: {process.last_words()}")
    return costs_in(counted.read_text())


def per_request(valgrind, server, folder, kind):
    few = count(valgrind, server, folder, kind, FEW)
    many = count(valgrind, server, folder, kind, MANY)
    for name in FUNCTIONS:
        if not few[name]:
            raise CannotRun(f"{name} is not a function of its own in this build")
    # The clock's ticks and the date's seconds are counted too, in the last digit.
    return {name: round((many[name] - few[name]) / (MANY - FEW), -1) for name in many}


def point_of(kind, costs):
    turn = {"value": costs["process"], "requests": MANY - FEW, "cpu_ns": 0, "seconds": 0.0}
    turn.update(errors=0, p99_ns=None, parser=costs[FUNCTIONS[0]], step=costs[FUNCTIONS[1]])
    return {"contender": kind.name, "x": None, "rounds": [turn]}


def table_of(points):
    lines = ["| request | parser | from bytes to answer | whole process |", "|---|---:|---:|---:|"]
    for point in points:
        (turn,) = point["rounds"]
        numbers = [f"{turn[column]:,.0f}" for column in ("parser", "step", "value")]
        lines.append(f"| {' | '.join([point['contender'], *numbers])} |")
    return "\n".join(lines)


def built_with(programs_folder):
    info = programs_folder / "meson-info"
    targets = json.loads((info / "intro-targets.json").read_text())
    compiler = targets[0]["target_sources"][0]["compiler"]
    options = json.loads((info / "intro-buildoptions.json").read_text())
    kind = next(option["value"] for option in options if option["name"] == "buildtype")
    return f"Built by {first_line([*compiler, '--version'])}, build type {kind}."


def run(programs_folder, progress, kinds=None):
    """Returns the scenario for some kinds, or all; a round's value is that of the whole process."""
    valgrind = bench_peers.find_program("valgrind")
    if not valgrind:
        raise CannotRun("instructions are counted by valgrind, which is not here")
    server = programs_folder / "stage4-http" / "stage4-http"
    points = []
    with tempfile.TemporaryDirectory(prefix="reactor-lab-instructions-") as name:
        folder = Path(name)
        (folder / "root").mkdir()
        (folder / "root" / "file-1k").write_bytes(1024 * b"x")
        for kind in kinds or KINDS:
            progress(f"instructions: {kind.name}")
            points.append(point_of(kind, per_request(valgrind, server, folder, kind)))
    return {
        "name": "instructions",
        "title": "instructions that stage 4 executes for a request",
        "figure": "instructions per request",
        "unit": "instructions",
        "reference": None,
        "x": None,
        "points": points,
        "table": table_of(points),
        "notes": [built_with(programs_folder)],
    }
