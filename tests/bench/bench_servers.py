"""Contenders and how they are started: our servers and the floor. Those of others: bench_peers.py.

All answer GET /hello with the same 14 bytes; those that serve files serve those of one folder.
"""

import http.client
import socket
import time
from dataclasses import dataclass

from bench_processes import PATIENCE

HELLO = "Hello, world!\n"
MANY = 1_000_000_000  # requests on one connection: no contender is to close one in between
LISTENING = r"listening on \S*?127\.0\.0\.1:(\d+)"

STAGE4_NOTE = (
    "Stage 4: all checks and time limits on, access log off, one thread unless its name says otherwise;"
    " --max-requests, --max-connections and --idle-timeout raised, so that they end nothing here."
)

FILES = {"file-1k": 1024, "file-64k": 64 * 1024, "file-10m": 10 * 1024 * 1024}


class Unusable(Exception):
    """A contender that cannot take part; the text says which one, and why."""


class CannotRun(Exception):
    """A scenario that this machine lacks the means for; the text says which."""


@dataclass
class Contender:
    """How to start a server. command(port, bench) returns its words."""

    name: str
    command: object
    tells_port: bool = False  # it is told port 0, and says which one it took
    port: int = 0  # the port it always has, if there is only one
    serves_files: bool = False
    is_http: bool = True


@dataclass
class Server:
    name: str
    process: object
    port: int


def program_of(bench, name):
    if name not in bench.programs:
        raise CannotRun(f"there is no program {name} here")
    return bench.programs[name]


def variant(program, *options, name, is_http):
    """One of this folder's servers that are built from a stage's library."""

    def command(port, bench):
        return [program_of(bench, program), f"--port={port}", *options]

    return Contender(name, command, tells_port=True, is_http=is_http)


def stage(number, *options, name):
    """One of the servers that echo."""
    return variant(f"stage{number}", *options, name=name, is_http=False)


def stage4(*options, name="stage 4", threads=0):
    """The HTTP server, with no thread but the main one unless told otherwise.

    All checks and time limits are on and the access log is off, as by default. Three limits are
    raised: that it now and then ends a connection or turns one away is not what is measured.
    """
    limits = [f"--max-requests={MANY}", "--max-connections=20000", "--idle-timeout=600000"]

    def command(port, bench):
        words = [f"--port={port}", f"--threads={threads}", f"--root={bench.root}", *limits]
        return [program_of(bench, "stage4"), *words, *options]

    return Contender(name, command, tells_port=True, serves_files=True)


def floor(*form, name="floor"):
    """The least that an answer can cost; see floor.c for its forms."""
    return Contender(name, lambda port, bench: [program_of(bench, "floor"), port, *form])


def make_files(root):
    """The bytes that are served: as little to compress, and as dull, as they can be."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "hello").write_text(HELLO)
    for name, size in FILES.items():
        (root / name).write_bytes(b"x" * size)


def free_port():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def start(bench, contender, pinned=True, prefix=()):
    """Starts a server and waits until it can be connected to."""
    port = contender.port or (0 if contender.tells_port else free_port())
    if contender.port and accepts(port):
        raise Unusable(f"{contender.name}: port {port} is taken already")
    core = bench.server_core if pinned else None
    command = [*prefix, *contender.command(port, bench)]
    try:
        process = bench.processes.start(contender.name, command, core)
    except FileNotFoundError as error:
        why = f"there is no program {error.filename}"
        raise Unusable(f"{contender.name} cannot be started: {why}") from None
    except OSError as error:
        raise Unusable(f"{contender.name} cannot be started: {error.strerror}") from None
    if contender.tells_port:
        found = process.wait_for_output(LISTENING)
        port = int(found[1]) if found else 0
    deadline = time.monotonic() + PATIENCE
    while port and process.runs() and time.monotonic() < deadline:
        if accepts(port):
            return Server(contender.name, process, port)
        time.sleep(0.01)
    how = f"ended with {process.popen.returncode}"
    if process.runs():
        how = f"does not listen on port {port} after {PATIENCE} s"
    raise Unusable(f"{contender.name} {how}: {process.last_words()}")


def check_answer(server, path, expected_bytes):
    """Fails for a server that answers with anything but 200 and as many bytes as the others."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        length = len(answer.read())
    except (OSError, http.client.HTTPException) as error:
        why = " ".join(str(error).split())
        raise Unusable(f"{server.name} does not answer {path}: {why}") from None
    finally:
        client.close()
    if (answer.status, length) != (200, expected_bytes):
        raise Unusable(
            f"{server.name} answers {path} with {answer.status} and {length} bytes,"
            f" not with 200 and {expected_bytes}"
        )
