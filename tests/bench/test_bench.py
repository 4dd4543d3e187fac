"""Tests of ./lab bench: what it understands, computes and shows. Nothing is measured."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import bench
import bench_calls
import bench_load
import bench_peers
import bench_report
import unittest_summary

# As wrk 4.1 printed them, with the driver's script.
WRK_GOOD = """\
Running 10m test @ http://127.0.0.1:38315/hello
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.90ms  411.00us   3.99ms   72.99%
    Req/Sec    51.21k     3.86k   56.73k    80.00%
  25496 requests in 505.87ms, 3.33MB read
Requests/sec:  50400.60
Transfer/sec:      6.59MB
{"requests": 25496, "bytes": 3492952, "errors": 0, "elapsed_ns": 505867000, \
"latency_ns": {"p99": 2173000}}
"""
WRK_NOT_FOUND = """\
Running 10m test @ http://127.0.0.1:38315/hellox
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.97ms  207.17us   2.10ms   86.82%
    Req/Sec    50.14k     0.00    50.14k   100.00%
  5014 requests in 103.87ms, 778.54KB read
  Non-2xx or 3xx responses: 5014
Requests/sec:  48270.95
Transfer/sec:      7.32MB
{"requests": 5014, "bytes": 797226, "errors": 5014, "elapsed_ns": 103872000, \
"latency_ns": {"p99": 1753000}}
"""
WRK_NO_SERVER = "unable to connect to 127.0.0.1:9 Connection refused\n"
WRK_NO_ANSWER = """\
Running 10m test @ http://127.0.0.1:38315/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.00us    0.00us   0.00us    -nan%
    Req/Sec     0.00      0.00     0.00      -nan%
  0 requests in 301.42ms, 0.00B read
  Socket errors: connect 0, read 21, write 0, timeout 0
Requests/sec:      0.00
Transfer/sec:       0.00B
{"requests": 0, "bytes": 0, "errors": 21, "elapsed_ns": 301420000, "latency_ns": {"p99": 0}}
"""
OURS = (
    '{"mode":"echo","connections":64,"requests":900,"bytes":57600,"errors":2,'
    '"elapsed_ns":400000000,"latency_ns":{"p50":1,"p90":2,"p99":30000,"p99.9":4,"max":5}}\n'
)


def turns(*values, errors=0, foreign=0.0):
    """Rounds with these values, of a second and a thousand requests each."""
    base = {"requests": 1000, "cpu_ns": 1, "seconds": 1.0, "p99_ns": None}
    return [{**base, "value": value, "errors": errors, "foreign": foreign} for value in values]


def scenario(points, **further):
    base = {"name": "hello", "title": "GET /hello", "figure": "CPU per request", "unit": "ns"}
    points = [
        {"contender": name, "x": x, "rounds": rounds} for (name, x), rounds in points.items()
    ]
    return {**base, "reference": None, "x": None, **further, "points": points}


class Figures(unittest.TestCase):
    def test_a_ratio_is_taken_within_a_round(self):
        # The second round was slow for both; medians of the values would say 2000 / 1000.
        ours, theirs = turns(1100, 5500, 2000), turns(1000, 5000, 500)
        self.assertEqual(bench_report.ratios_of(ours, theirs), [1.1, 1.1, 4.0])

    def test_a_round_without_a_figure_has_no_ratio(self):
        self.assertEqual(bench_report.ratios_of(turns(None, 4), turns(1, 2)), [2.0])
        self.assertEqual(bench_report.ratios_of(turns(3, 4), turns(None, 2)), [2.0])
        self.assertEqual(bench_report.ratios_of(turns(3), []), [])

    def test_a_summary_is_median_least_and_greatest(self):
        self.assertEqual(bench_report.summarize([9, 1, 2]), (2, 1, 9))
        self.assertIsNone(bench_report.summarize([]))

    def test_numbers_keep_three_digits(self):
        for number, unit, expected in (
            (6812.0, "ns", "6.81 µs"),
            (445.2, "ns", "445 ns"),
            (2_000_000, "ns", "2.00 ms"),
            (1.5e9, "ns", "1.50 s"),
            (3967.4, "bytes", "3,967 bytes"),
            (17.53, "", "17.5"),
            (0.0123456, "", "0.0123"),
            (0, "wakes", "0 wakes"),
        ):
            with self.subTest(number=number):
                self.assertEqual(bench_report.with_unit(number, unit), expected)


class Reports(unittest.TestCase):
    def test_a_table_shows_median_ratio_spread_and_errors(self):
        points = {("floor", None): turns(1000, 2000), ("ours", None): turns(1100, 2600, errors=1)}
        text = bench_report.scenario_markdown(scenario(points, reference="floor"))
        self.assertEqual(
            text.splitlines(),
            [
                "",
                "### hello: GET /hello",
                "",
                "| contender | CPU per request | ÷ floor | spread | requests/s | errors | mind |",
                "| --- | ---: | ---: | --- | ---: | ---: | --- |",
                "| floor | 1.50 µs | 1.00 | 1.00–1.00 | 1,000 | 0 |  |",
                "| ours | 1.85 µs | 1.20 | 1.10–1.30 | 1,000 | 2 | errors in 2 of 2 |",
            ],
        )

    def test_a_second_reference_has_a_column(self):
        points = {("floor", None): turns(100), ("nginx", None): turns(200)}
        text = bench_report.scenario_markdown(scenario(points, reference="floor", also="nginx"))
        self.assertIn("| ÷ floor | spread | ÷ nginx |", text)
        self.assertIn("| floor | 100 ns | 1.00 | 1.00–1.00 | 0.50 |", text)

    def test_a_curve_is_compared_at_the_same_x(self):
        points = {
            ("epoll", 10): turns(100),
            ("poll", 10): turns(100),
            ("epoll", 1000): turns(250),
            ("poll", 1000): turns(500),
        }
        text = bench_report.scenario_markdown(scenario(points, reference="epoll", x="idle"))
        self.assertIn("| 1,000 | poll | 500 ns | 2.00 |", text)
        self.assertIn("| 10 | poll | 100 ns | 1.00 |", text)

    def test_with_an_x_as_reference_each_is_compared_with_itself_there(self):
        points = {("a", 0): turns(100), ("a", 9): turns(103)}
        points.update({("b", 0): turns(1), ("b", 9): turns(2)})
        text = bench_report.scenario_markdown(scenario(points, x="idle", reference={"x": 0}))
        self.assertIn("| ÷ that at 0 |", text)
        self.assertIn("| 9 | a | 103 ns | 1.03 |", text)
        self.assertIn("| 9 | b | 2.00 ns | 2.00 |", text)

    def test_rounds_that_are_not_to_be_trusted_are_marked(self):
        rounds = turns(None) + turns(100, foreign=0.4) + turns(100, errors=3)
        point = {"contender": "ours", "x": None, "rounds": rounds}
        marks = "no figure in 1 of 3; errors in 1 of 3; foreign load in 1 of 3"
        self.assertEqual(bench_report.marks_of(point), marks)

    def test_raw_rounds_are_saved_as_they_are(self):
        results = {"command": "x", "scenarios": [scenario({("floor", None): turns(1.5, None)})]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "new" / "raw.json"
            bench_report.save(results, file)
            self.assertEqual(json.loads(file.read_text(encoding="utf-8")), results)


class Loads(unittest.TestCase):
    def test_the_end_of_what_a_load_prints_is_read(self):
        for name, text, expected in (
            ("good", WRK_GOOD, bench_load.Load(25496, 0, 0.505867, 3492952, 2173000)),
            ("404", WRK_NOT_FOUND, bench_load.Load(5014, 5014, 0.103872, 797226, 1753000)),
            ("no answer", WRK_NO_ANSWER, bench_load.Load(0, 21, 0.30142, 0, 0)),
            ("ours", OURS, bench_load.Load(900, 2, 0.4, 57600, 30000)),
        ):
            with self.subTest(name):
                self.assertEqual(bench_load.parse(text), expected)

    def test_a_load_that_tells_nothing_has_failed(self):
        for text in ("", WRK_NO_SERVER, '{"requests": 1', '{"requests": 1}', WRK_GOOD[:-40]):
            with self.subTest(text[-30:]):
                self.assertEqual(bench_load.parse(text), bench_load.Load(0, 1, 0.0))

    def test_system_calls_are_counted_once_and_waits_apart(self):
        text = (
            '12 recvfrom(5, "GET /f(x)", 100, 0, NULL, NULL) = 5\n'
            "12 sendto(5, <unfinished ...>\n"
            "13 epoll_wait(4,  <unfinished ...>\n"
            "12 <... sendto resumed>) = 5\n"
            "13 <... epoll_wait resumed>[], 1, 0) = 0\n"
            "12 --- SIGTERM {si_signo=SIGTERM} ---\n"
            "close(5) = 0\n"
        )
        self.assertEqual(bench_calls.count_calls(text, waits=True), 4)
        self.assertEqual(bench_calls.count_calls(text, waits=False), 3)


def failure_of(test, arguments):
    """Returns what is said, in one line, about arguments that end the command with status 2."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), test.assertRaises(SystemExit) as ended:
        bench.parse_arguments(arguments)
    test.assertEqual(ended.exception.code, 2)
    test.assertEqual(said.getvalue().count("\n"), 1, said.getvalue())
    return said.getvalue()


class Arguments(unittest.TestCase):
    def test_without_any_all_scenarios_run(self):
        options = bench.parse_arguments([])
        self.assertEqual(options.scenarios, list(bench.SCENARIOS))
        self.assertEqual((options.rounds, options.peer), (5, []))
        self.assertFalse(options.plot or options.anyway or options.smoke)

    def test_they_may_come_in_any_order(self):
        options = bench.parse_arguments(["--rounds", "3", "files", "--plot", "hello", "files"])
        self.assertEqual(options.scenarios, ["files", "hello"])
        self.assertEqual((options.rounds, options.plot), (3, True))

    def test_an_unknown_scenario_lists_those_there_are(self):
        self.assertIn("the scenarios are: hello pipeline connect", failure_of(self, ["helo"]))

    def test_nonsense_is_refused_in_one_line(self):
        for arguments in (["--rounds"], ["--rounds=0"], ["--rounds", "-1"], ["--round=2"], ["-x"]):
            with self.subTest(arguments):
                failure_of(self, arguments)

    def test_a_peer_has_name_command_and_port(self):
        peer = bench_peers.parse_peer("my server=/bin/x --mail=a@b 'two words'@8123")
        self.assertEqual((peer.name, peer.port), ("my server", 8123))
        self.assertEqual(peer.command(0, None), ["/bin/x", "--mail=a@b", "two words"])
        self.assertEqual(bench.parse_arguments(["--peer", "a=b@1"]).peer[0].name, "a")

    def test_two_contenders_of_one_name_are_refused(self):
        for names in (["nginx"], ["mine", "mine"]):
            with self.subTest(names):
                arguments = [f"--peer={name}=cmd@80" for name in names]
                self.assertIn(f"there is a {names[0]} already", failure_of(self, arguments))

    def test_a_peer_of_another_form_is_refused(self):
        for text, expected in (
            ("", "wants NAME=CMD@PORT"),
            ("=cmd@1", "wants NAME=CMD@PORT"),
            ("name=cmd", "wants NAME=CMD@PORT"),
            ("cmd@80", "wants NAME=CMD@PORT"),
            ("name=cmd@", "is no port"),
            ("name=cmd@0", "is no port"),
            ("name=cmd@65536", "is no port"),
            ("name=cmd@http", "is no port"),
            ("name=@80", "no command"),
            ("name='open@80", "No closing quotation"),
        ):
            with self.subTest(text):
                self.assertIn(expected, failure_of(self, ["--peer", text]))


if __name__ == "__main__":
    unittest_summary.main()
