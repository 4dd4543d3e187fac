"""Runs your policy in the real server, and shows what it makes of a load.

    skewed_load.py [ID]           round-robin and your policy, under a load that is unkind to one of them
    skewed_load.py --busy [ID]    your policy alone: equally many connections, unequal work

ID is the exercise whose policy it is, S3-least-connections if not given. The servers are started by
./lab run ID, on a free port, and ended again. Standard library only.
"""

import queue
import re
import socket
import subprocess
import sys
import threading
from collections import Counter
from os import sysconf
from pathlib import Path

import skewed_plot

ROOT = Path(__file__).absolute().parents[2]
LISTENING = re.compile(r"listening on ([\d.]+):(\d+)")
GIVEN = re.compile(r"\[(\S+)\] new connection: fd \d+ is connection \d+")
CLOSED = re.compile(r"\[(\S+)\] connection \d+: fd \d+ closed$")
CLIENTS = 40
LOOPS = 4
BUSY_CLIENTS = 12
BUSY_ROUNDS = 3000


class Server:
    """The learner's server. Its debug log tells which loop each client was given to."""

    def __init__(self, exercise, policy, loops):
        options = [f"--policy={policy}", f"--threads={loops}", "--port=0", "--log-level=debug"]
        self.loops = [f"sub-reactor-{i}" for i in range(loops)]
        self.given = Counter()
        self.open = Counter()
        self.log = queue.Queue()
        self.other_lines = []
        # ./lab becomes the server, so its process is the server's.
        self.process = subprocess.Popen(
            [str(ROOT / "lab"), "run", exercise, *options], cwd=ROOT, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        reader = threading.Thread(target=self.read_log, daemon=True)
        reader.start()
        for line in self.process.stdout:
            listening = LISTENING.search(line)
            if listening:
                self.address = listening[1], int(listening[2])
                return
        reader.join()
        sys.exit("".join(self.other_lines) + f"{exercise}: the server with --policy={policy} did not start")

    def read_log(self):
        """On a thread of its own, so that the server never waits for a reader."""
        for line in self.process.stderr:
            for pattern, change in ((GIVEN, 1), (CLOSED, -1)):
                found = pattern.search(line)
                if found:
                    self.log.put((found[1], change))
            if " debug " not in line:
                self.other_lines.append(line)
        self.log.put(None)

    def next_change(self):
        """Waits until a loop has got or closed a connection. Returns its name."""
        change = self.log.get()
        if not change:
            sys.exit("".join(self.other_lines) + "the server ended in the middle of the load")
        self.open[change[0]] += change[1]
        return change[0]

    def connect(self):
        """Returns a client that has been served, and the name of its loop."""
        client = socket.create_connection(self.address)
        echo(client, b"hello\n")
        loop = self.next_change()
        self.given[loop] += 1
        return client, loop

    def leave(self, client):
        client.close()
        self.next_change()

    def end(self):
        self.process.terminate()
        self.process.wait()


def echo(client, message):
    client.sendall(message)
    left = len(message)
    while left > 0:
        received = len(client.recv(left))
        if not received:
            sys.exit("the server closed a connection in the middle of the load")
        left -= received


def run_skewed(exercise, policy):
    """Every LOOPS-th client stays. Returns the server's counts, and how many were open on each loop
    after each client."""
    server = Server(exercise, policy, LOOPS)
    staying, history = [], [[0] * LOOPS]
    for i in range(CLIENTS):
        client, _ = server.connect()
        if i % LOOPS == 0:
            staying.append(client)
        else:
            server.leave(client)
        history.append([server.open[loop] for loop in server.loops])
    for client in staying:
        client.close()
    server.end()
    return server.given, history


def skewed(exercise, policy):
    policies = ["round-robin", policy]
    runs = [run_skewed(exercise, name) for name in policies]
    width = max(CLIENTS // LOOPS, 10) + 16
    print(f"{CLIENTS} clients came to {LOOPS} loops; every {LOOPS}th stays, the others left at once\n")
    print(" " * 15 + "  ".join(f"{name:<{width}}" for name in policies).rstrip())
    print(" " * 15 + "  ".join(f"{'given  open':<{width}}" for _ in policies).rstrip())
    for i in range(LOOPS):
        loop = f"sub-reactor-{i}"
        cells = [
            f"{given[loop]:>5} {history[-1][i]:>5}  {'#' * history[-1][i]}" for given, history in runs
        ]
        print(f"{loop:<15}" + "  ".join(f"{cell:<{width}}" for cell in cells).rstrip())
    picture = ROOT / "my" / exercise / "skewed_load.svg"
    picture.write_text(skewed_plot.draw(list(zip(policies, [history for _, history in runs]))))
    print(f"\nclient by client, in a picture: {picture.relative_to(ROOT)}")


def cpu_ms(pid):
    """The CPU time of each thread, by its name."""
    times = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        times[(task / "comm").read_text().strip()] = ticks * 1000 // sysconf("SC_CLK_TCK")
    return times


def busy(exercise, policy):
    """Two loops, all clients stay; every second one never stops talking."""
    server = Server(exercise, policy, 2)
    clients = [server.connect() for _ in range(BUSY_CLIENTS)]
    messages = Counter()
    before = cpu_ms(server.process.pid)
    for client, loop in clients[::2]:
        for _ in range(BUSY_ROUNDS):
            echo(client, b"x" * 1000)
        messages[loop] += BUSY_ROUNDS
    after = cpu_ms(server.process.pid)
    print(f"{BUSY_CLIENTS} clients came to 2 loops with {policy}; every 2nd talks, the others are silent\n")
    print("loop            open  messages  CPU ms")
    for loop in server.loops:
        used = after[loop] - before[loop]
        print(f"{loop:<15}{server.open[loop]:>5}{messages[loop]:>10}{used:>8}")
    newcomer, loop = server.connect()
    print(f"\nthe next client is given to {loop}")
    for client in [newcomer, *(client for client, _ in clients)]:
        client.close()
    server.end()


def main(arguments):
    options = [argument for argument in arguments if argument.startswith("-")]
    exercise = ([name for name in arguments if name not in options] or ["S3-least-connections"])[0]
    if options not in ([], ["--busy"]):
        sys.exit(__doc__)
    (busy if options else skewed)(exercise, exercise.partition("-")[2])


if __name__ == "__main__":
    main(sys.argv[1:])
