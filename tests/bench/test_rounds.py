"""Tests of ./lab bench: who takes turns, what disturbs them, how servers start and end."""

import contextlib
import io
import signal
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import bench
import bench_clock
import bench_load
import bench_peers
import bench_processes
import bench_rounds
import bench_servers
import unittest_summary

STAT = "cpu  100 20 30 4000 50 600 700 8 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"


def reader_of(*readings):
    """A ForeignLoad's reader that knows beforehand what it will read."""
    steps = iter(readings)
    return lambda: next(steps)


def seconds_of(*shares):
    """Readings a second apart, with others using these shares of a core, and we half a core."""
    busy = 0.0
    for share in shares:
        yield busy, 0.0, 0.0
        yield busy + share + 0.5, 0.5, 1.0


class OthersLoad(unittest.TestCase):
    def test_programs_and_stolen_time_count_as_busy(self):
        self.assertAlmostEqual(bench_clock.busy_seconds(STAT, 100), 1.58)

    def test_our_own_load_is_not_foreign(self):
        load = bench_clock.ForeignLoad(reader_of((0, 0, 0), (10.0, 4.0, 7.0), (11.5, 4.9, 9.0)))
        load.start()
        self.assertAlmostEqual(load.share(), 0.3)

    def test_a_share_is_never_negative(self):
        load = bench_clock.ForeignLoad(reader_of((0, 0, 0), (0.0, 0.0, 0.0), (0.99, 1.0, 1.0)))
        load.start()
        self.assertEqual(load.share(), 0.0)

    def wait(self, *shares, tries=10):
        load = bench_clock.ForeignLoad(reader_of((0, 0, 0), *seconds_of(*shares)))
        pauses = []
        return load.wait_for_quiet(pauses.append, tries), len(pauses)

    def test_the_first_quiet_second_ends_the_wait(self):
        share, pauses = self.wait(0.9, 0.5, 0.1, 0.9)
        self.assertEqual((round(share, 6), pauses), (0.1, 3))

    def test_the_wait_has_an_end(self):
        share, pauses = self.wait(0.9, 0.8, 0.7, tries=3)
        self.assertEqual((round(share, 6), pauses), (0.7, 3))

    def refuse(self, share, anyway):
        noted = []
        foreign = SimpleNamespace(LIMIT=0.15, wait_for_quiet=lambda sleep, tries: share)
        bench.refuse_if_disturbed(
            SimpleNamespace(
                anyway=anyway, foreign=foreign, note=noted.append, progress=lambda text: None
            )
        )
        return noted

    def test_too_much_of_it_is_refused_with_the_figure(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as ended:
            self.refuse(0.42, anyway=False)
        self.assertEqual(ended.exception.code, 3)
        self.assertRegex(said.getvalue(), r"^lab: others use 42 % of a core[^\n]*\n$")

    def test_with_anyway_it_is_noted_instead(self):
        self.assertRegex(self.refuse(0.42, anyway=True)[0], "42 % .* anyway")
        self.assertEqual(self.refuse(0.1, anyway=False), [])


class FakeServer:
    """A server whose clock goes on by what each load uses, and that may end."""

    def __init__(self):
        self.clock = 0
        self.alive = True
        self.popen = SimpleNamespace(returncode=-11)
        self.process = self

    def cpu_ns(self):
        return self.clock

    def runs(self):
        return self.alive

    def last_words(self):
        return "alas"


def fake_bench(shares=(), rounds=3, anyway=False):
    left = list(shares)
    foreign = SimpleNamespace(
        LIMIT=0.15, start=lambda: None, share=lambda: left.pop(0) if left else 0.0
    )
    notes = []
    return SimpleNamespace(
        foreign=foreign,
        rounds=rounds,
        anyway=anyway,
        smoke=False,
        warm_up=0.2,
        repeats_left=rounds,
        notes=notes,
        progress=lambda text: None,
        leave_out=lambda name, why: notes.append(f"{name}: {why}"),
    )


def fake_runner(name, journal, requests=10, last_turn=None):
    server = FakeServer()

    def load(seconds):
        journal.append((name, seconds))
        server.clock += 5000
        server.alive = last_turn is None or len([n for n, _ in journal if n == name]) < last_turn
        return bench_load.Load(requests, 0 if requests else 1, 0.5)

    return bench_rounds.Runner(name, server, load)


class Rounds(unittest.TestCase):
    def test_contenders_take_turns_and_the_first_one_changes(self):
        journal = []
        runners = [fake_runner(name, journal) for name in "ABC"]
        bench_rounds.measure(fake_bench(rounds=3), "title", runners, 0.5)
        self.assertEqual("".join(name for name, _ in journal), "ABCBCACABABC")

    def test_the_first_round_is_short_and_not_kept(self):
        journal = []
        points = bench_rounds.measure(fake_bench(rounds=2), "t", [fake_runner("A", journal)], 0.5)
        self.assertEqual([seconds for _, seconds in journal], [0.2, 0.5, 0.5])
        self.assertEqual([turn["value"] for turn in points[0]["rounds"]], [500.0, 500.0])

    def test_a_round_without_requests_has_no_figure(self):
        runner = fake_runner("A", [], requests=0)
        turn = bench_rounds.take_turn(fake_bench(), runner, 0.5)
        self.assertEqual((turn["value"], turn["errors"]), (None, 1))

    def test_a_contender_that_ends_is_named_and_left_out(self):
        journal = []
        runners = [fake_runner("A", journal), fake_runner("B", journal, last_turn=2)]
        shared = fake_bench(rounds=3)
        points = bench_rounds.measure(shared, "title", runners, 0.5)
        self.assertEqual([point["contender"] for point in points], ["A"])
        self.assertEqual(len(points[0]["rounds"]), 3)
        self.assertEqual(shared.notes, ["B: B ended with -11: alas"])

    def take(self, shares, **further):
        journal = []
        shared = fake_bench(shares, **further)
        turn = bench_rounds.take_quiet_turn(shared, fake_runner("A", journal), 0.5)
        return turn["foreign"], len(journal)

    def test_a_disturbed_round_is_repeated_and_at_last_kept(self):
        self.assertEqual(self.take([0.5, 0.1]), (0.1, 2))
        self.assertEqual(self.take([0.5, 0.4, 0.3, 0.2]), (0.3, 3))

    def test_repeating_has_a_bound_and_may_be_unwanted(self):
        self.assertEqual(self.take([0.5, 0.1], rounds=0), (0.5, 1))
        self.assertEqual(self.take([0.5, 0.1], anyway=True), (0.5, 1))


def is_gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"  # adopted, and not reaped yet


class Servers(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        folder = Path(holder.name)
        self.bench = SimpleNamespace(
            folder=folder,
            root=folder / "root",
            descriptors=1024,
            server_core=None,
            processes=bench_processes.Processes(folder),
            programs={},
        )
        bench_servers.make_files(self.bench.root)

    def test_all_are_ended_when_a_scenario_raises(self):
        pids = []
        for problem in (ValueError, KeyboardInterrupt):
            with self.subTest(problem), self.assertRaises(problem):
                with self.bench.processes.scope():
                    for number in range(2):
                        process = self.bench.processes.start("sleep", ["sleep", "60"])
                        pids.append(process.pid)
                    raise problem
            self.assertEqual(self.bench.processes.running, [])
        self.assertEqual([pid for pid in pids if not is_gone(pid)], [])

    def test_the_children_of_a_server_end_with_it(self):
        words = ["sh", "-c", "sleep 60 & echo child $!; wait"]
        with self.bench.processes.scope():
            process = self.bench.processes.start("parent", words)
            child = int(process.wait_for_output(r"child (\d+)\n")[1])
            self.assertIn(child, bench_clock.trees_of([process.pid]))
        # It has been told; nobody tells us when it has obeyed.
        while not is_gone(child):
            pass

    def test_one_that_does_not_end_is_killed(self):
        words = ["sh", "-c", "trap '' TERM; echo ready; sleep 60 & wait"]
        with mock.patch("bench_processes.PATIENCE", 0.05):
            with self.bench.processes.scope():
                process = self.bench.processes.start("stubborn", words)
                while "ready" not in process.output():
                    self.assertTrue(process.runs())
        self.assertEqual(process.popen.returncode, -signal.SIGKILL)

    def test_the_clock_counts_what_a_child_computes(self):
        # It has an end, for nobody would end it if this test were killed.
        busy = "i=0; while [ $i -lt 10000000 ]; do i=$((i + 1)); done"
        words = ["sh", "-c", f"({busy}) & wait"]
        with self.bench.processes.scope():
            process = self.bench.processes.start("busy", words)
            while process.cpu_ns() - bench_clock.cpu_ns(process.pid) < 20_000_000:
                self.assertTrue(process.runs())

    def test_connections_count_when_the_server_has_their_descriptors(self):
        code = "import os, time\nfor _ in range(50): os.dup(0)\ntime.sleep(60)"
        with self.bench.processes.scope():
            process = self.bench.processes.start("opener", [sys.executable, "-c", code])
            self.assertTrue(process.wait_for_descriptors(50, patience=10))
            self.assertFalse(process.wait_for_descriptors(1000, patience=0.1))

    def test_one_that_ends_at_once_cannot_take_part(self):
        words = ["sh", "-c", "echo why >&2; exit 3"]
        contender = bench_servers.Contender("no", lambda port, bench: words)
        with self.bench.processes.scope():
            with self.assertRaisesRegex(bench_servers.Unusable, "no ended with 3: why"):
                bench_servers.start(self.bench, contender)

    def test_one_that_is_not_there_cannot_take_part(self):
        contender = bench_servers.Contender("no", lambda port, bench: ["/nonexistent/server"])
        with self.assertRaisesRegex(bench_servers.Unusable, "no cannot be started"):
            bench_servers.start(self.bench, contender)

    def test_installed_peers_understand_their_configurations(self):
        for peer in bench_peers.installed_peers({}):
            with self.subTest(peer.name), self.bench.processes.scope():
                server = bench_servers.start(self.bench, peer)
                bench_servers.check_answer(server, "/hello", 14)
                if peer.serves_files:
                    bench_servers.check_answer(server, "/file-1k", 1024)
                with self.assertRaisesRegex(bench_servers.Unusable, "14 bytes"):
                    bench_servers.check_answer(server, "/hello", 15)


class Cores(unittest.TestCase):
    def test_server_and_load_do_not_share_a_core_if_that_can_be(self):
        for threads_of_cores, expected in (
            ([{0}, {1}], (0, 1)),
            ([{0, 1}, {2, 3}], (0, 2)),
            ([{0, 2}, {1, 3}], (0, 1)),
            ([{4, 5}], (4, 5)),
            ([{3}], (3, 3)),
        ):
            siblings = {n: threads for threads in threads_of_cores for n in threads}
            with self.subTest(threads_of_cores):
                cores = bench_processes.choose_cores(set(siblings), siblings.get)
                self.assertEqual(cores, expected)


if __name__ == "__main__":
    unittest_summary.main()
