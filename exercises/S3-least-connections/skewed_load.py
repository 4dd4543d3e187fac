"""A load that is unkind to round-robin, and what became of it.

    skewed_load.py LOG [PORT]

LOG is what the stage 3 server writes with --log-level=debug. With N loops, N-1 of N clients say
hello and leave; every N-th one stays. Standard library only.
"""

import re
import socket
import sys
from collections import Counter

CLIENTS = 40


def read_log(path):
    """Returns the names of the loops, and how many connections each was given and has closed."""
    with open(path, encoding="utf-8", errors="replace") as log:
        text = log.read()
    loops = re.findall(r"\[(sub-reactor-\d+)\] start-up", text)
    given = Counter(re.findall(r"\[(\S+)\] new connection: fd \d+ is connection", text))
    closed = Counter(re.findall(r"\[(\S+)\] connection \d+: fd \d+ closed$", text, re.MULTILINE))
    return loops, given, closed


def say_hello(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"hello\n")
    client.recv(64)
    return client


def leave(client):
    client.shutdown(socket.SHUT_WR)
    client.recv(64)  # returns when the server has closed its end
    client.close()


def main():
    log, port = sys.argv[1], int((sys.argv[2:] or ["8080"])[0])
    loops, _, _ = read_log(log)
    if not loops:
        sys.exit(f"{log}: no loop has started; is this the log, with --log-level=debug?")
    staying = []
    for i in range(CLIENTS):
        client = say_hello(port)
        if i % len(loops) == 0:
            staying.append(client)
        else:
            leave(client)
    loops, given, closed = read_log(log)
    print(f"{CLIENTS} clients came, {len(staying)} of them stay")
    print("loop            given  open")
    for loop in loops:
        still_open = given[loop] - closed[loop]
        print(f"{loop:<15}{given[loop]:>6}{still_open:>6}  {'#' * still_open}".rstrip())


if __name__ == "__main__":
    main()
