"""Tests of bench_instructions.py, without callgrind: what it sends, and what it reads."""

import contextlib
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import bench_instructions
import unittest_summary
from bench_instructions import KINDS, Kind, converse, costs_in, point_of, table_of

# As callgrind writes it: a name stands only where its number comes first.
COUNTED = """\
events: Ir

ob=(2) stage4-http
fl=(5) http_input.c
fn=(10) http_connection_step
20 7
cfi=(6) http_parser.c
cfn=(11) http_parser_feed
calls=3 40
+2 600
* 5

fn=(12) on_bytes
60 9
cob=(2)
cfi=(5)
cfn=(10)
calls=3 20
61 650
cfn=(13) http_connection_step_over
calls=1 90
62 1000

fn=(14) someone_else
70 4
cfn=(11)
calls=1 40
71 200

totals: 2475
"""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc"


class Server:
    """Gives the same answer to every request, and remembers what came at a time."""

    def __init__(self, answer):
        self.answer = answer
        self.connections = []  # the batches of each
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                with client:
                    self.converse(client)

    def converse(self, client):
        batches = []
        self.connections.append(batches)
        while batch := client.recv(65536):
            batches.append(batch)
            client.sendall(batch.count(b"\r\n\r\n") * self.answer)
            if b"Connection: close" in batch:
                return

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


class Conversing(unittest.TestCase):
    def converse(self, kind, requests, answer=ANSWER):
        server = Server(answer)
        try:
            converse(server.port, kind, requests)
        finally:
            server.close()
        return server.connections

    def test_requests_are_sent_one_by_one_over_one_connection(self):
        self.assertEqual(self.converse(Kind("", b"GET\r\n\r\n"), 3), [3 * [b"GET\r\n\r\n"]])

    def test_pipelined_requests_are_sent_in_batches(self):
        connections = self.converse(Kind("", b"GET\r\n\r\n", depth=4), 12)
        self.assertEqual(connections, [3 * [4 * b"GET\r\n\r\n"]])

    def test_a_connection_that_is_not_kept_is_made_anew(self):
        request = b"GET\r\nConnection: close\r\n\r\n"
        self.assertEqual(self.converse(Kind("", request, kept=False), 3), 3 * [[request]])

    def test_another_answer_than_200_is_an_error(self):
        bad = ANSWER.replace(b"200 OK", b"404 Not Found")
        with self.assertRaisesRegex(OSError, "404"):
            self.converse(Kind("", b"GET\r\n\r\n"), 1, bad)

    def test_an_answer_that_does_not_come_is_an_error(self):
        with self.assertRaisesRegex(OSError, "b''"):
            self.converse(Kind("", b"GET\r\nConnection: close\r\n\r\n"), 2, b"")


class Kinds(unittest.TestCase):
    def test_both_numbers_of_requests_are_whole_batches(self):
        for kind in KINDS:
            for requests in (bench_instructions.FEW, bench_instructions.MANY):
                self.assertEqual(requests % kind.depth, 0, kind.name)

    def test_every_request_ends_its_head_and_only_its_head(self):
        for kind in KINDS:
            head, _, body = kind.request.partition(b"\r\n\r\n")
            length = 100 if head.startswith(b"POST") else 0
            self.assertEqual(len(body), length, kind.name)
            self.assertEqual(head.count(b"\n"), head.count(b"\r\n"), kind.name)


class Counting(unittest.TestCase):
    def test_a_function_costs_what_all_its_calls_cost(self):
        costs = costs_in(COUNTED)
        self.assertEqual(costs["http_parser_feed"], 800)
        self.assertEqual(costs["http_connection_step"], 650)

    def test_the_process_costs_the_total(self):
        self.assertEqual(costs_in(COUNTED)["process"], 2475)

    def test_the_table_has_a_line_for_each_kind(self):
        costs = {"http_parser_feed": 990, "http_connection_step": 2350, "process": 13120}
        table = table_of([point_of(KINDS[0], costs), point_of(KINDS[1], costs)]).splitlines()
        self.assertEqual(len(table), 4)
        self.assertEqual(table[2], f"| {KINDS[0].name} | 990 | 2,350 | 13,120 |")


if __name__ == "__main__":
    unittest_summary.main()
