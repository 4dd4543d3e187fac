"""Tests of bench_plot.py: looks into the pictures that gnuplot makes of rounds that never were."""

import os
import re
import shutil
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).resolve().parents[2] / "exercises" / "lab"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import bench_plot
import unittest_summary

MACHINE = {"cpu": "Difference Engine", "cores": 2, "kernel": "Linux 6", "compiler": "gcc 12"}
ODD = "a_b<c> & 'd' 5 % \"e\" \\n {f}"
SVG = "{http://www.w3.org/2000/svg}"
OURS = (0, 114, 178)
INK, FIRST, SECOND = "rgb( 34,  34,  34)", "rgb(  0, 114, 178)", "rgb(213,  94,   0)"


def point(contender, values, x=None):
    return {"contender": contender, "x": x, "rounds": [{"value": value} for value in values]}


def scenario(points, name="hello", **further):
    base = {"name": name, "title": f"<{name}> & more", "figure": "CPU per request", "unit": "ns"}
    return {**base, "reference": None, "x": None, "points": points, **further}


def curves(points, **further):
    return scenario(points, x="idle connections", **further)


def results(*scenarios):
    return {
        "command": "./lab bench hello",
        "date": "1843-09-01",
        "machine": {**MACHINE, "load": "wrk 4"},
        "scenarios": scenarios,
    }


def numbers(text):
    return [float(number) for number in re.findall(r"-?[\d.]+", text)]


class Picture:
    """What can be read off an SVG."""

    def __init__(self, path):
        self.title = None
        self.texts = {}  # text: where it stands, (x, y)
        self.bars = []  # (left, right, (red, green, blue)), from above to below
        self.paths = []  # (stroke, dashed, d)
        root = xml.etree.ElementTree.parse(path).getroot()
        self.title = root.find(f"{SVG}title").text
        for group in root.iter(f"{SVG}g"):
            for text in group.findall(f"{SVG}text"):
                self.texts["".join(text.itertext())] = tuple(numbers(group.get("transform"))[:2])
        for polygon in root.iter(f"{SVG}polygon"):
            xs = numbers(polygon.get("points"))[::2]
            self.bars.append((min(xs), max(xs), tuple(map(int, numbers(polygon.get("fill"))))))
        for path in root.iter(f"{SVG}path"):
            self.paths.append((path.get("stroke"), path.get("stroke-dasharray"), path.get("d")))

    def x_of(self, text):
        return self.texts[text][0]


class PlotTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "plots"

    def draw(self, drawn):
        (path,) = bench_plot.plot(results(drawn), self.folder)
        return Picture(path)

    def assert_shows(self, picture, *texts):
        for text in texts:
            self.assertIn(text, picture.texts)


class Files(PlotTest):
    def test_every_scenario_becomes_a_file_of_its_name(self):
        drawn = results(
            scenario([point("floor", [1])], "hello"), curves([point("poll", [1], 10)], name="idle")
        )
        paths = bench_plot.plot(drawn, self.folder)
        self.assertEqual(paths, [self.folder / "hello.svg", self.folder / "idle.svg"])
        self.assertEqual(Picture(paths[0]).title, "<hello> & more")
        self.assertEqual(Picture(paths[1]).title, "<idle> & more")

    def test_the_same_results_give_the_same_bytes(self):
        drawn = results(
            scenario([point("floor", [1, 2]), point("stage 4", [2, 3])], reference="floor"),
            curves([point("poll", [1, 2, 3], 10), point("poll", [4], 1000)], name="idle"),
        )
        first = [path.read_bytes() for path in bench_plot.plot(drawn, self.folder)]
        second = [path.read_bytes() for path in bench_plot.plot(drawn, self.folder)]
        self.assertEqual(first, second)

    def test_a_picture_tells_its_title_command_machine_and_date(self):
        self.assert_shows(
            self.draw(scenario([point("floor", [1])])),
            "<hello> & more",
            "./lab bench hello · 1843-09-01",
            "Difference Engine · 2 cores · Linux 6 · gcc 12 · load: wrk 4",
        )

    def test_without_gnuplot_the_error_says_so(self):
        with mock.patch.dict(os.environ, PATH=""):
            with self.assertRaisesRegex(bench_plot.CannotPlot, "gnuplot is not here"):
                self.draw(scenario([point("floor", [1])]))


class Bars(PlotTest):
    def test_every_contender_has_a_bar_in_the_order_given(self):
        names = ["floor", ODD, "nginx"]
        picture = self.draw(scenario([point(name, [10]) for name in names], reference="floor"))
        self.assert_shows(picture, *names)
        self.assertEqual(sorted(names, key=lambda name: picture.texts[name][1]), names)
        self.assertEqual(len(picture.bars), 3)

    def test_bars_start_at_zero_and_are_as_long_as_their_medians(self):
        points = [point("nginx", [400]), point("muduo", [3200]), point("libuv", [1, 800, 900])]
        picture = self.draw(scenario(points))
        zero = picture.x_of("0")
        self.assertEqual([round(left - zero) for left, _, _ in picture.bars], [0, 0, 0])
        unit = picture.bars[0][1] - zero
        lengths = [(right - zero) / unit for _, right, _ in picture.bars]
        for length, expected in zip(lengths, (1, 8, 2)):
            self.assertAlmostEqual(length, expected, delta=0.02)

    def test_ours_has_a_colour_of_its_own(self):
        names = ["floor", "stage 4", "nginx"]
        picture = self.draw(scenario([point(name, [10]) for name in names]))
        self.assertEqual([colour == OURS for _, _, colour in picture.bars], [False, True, False])

    def test_a_ratio_is_taken_round_by_round(self):
        # The ratio of the medians would be 1, the median of the ratios is 2.
        points = [point("floor", [100, 200, 300]), point("nginx", [200, 100, 600])]
        picture = self.draw(scenario(points, reference="floor"))
        self.assert_shows(picture, "1.00", "2.00", "CPU per request ÷ floor")

    def test_a_dashed_line_marks_the_reference(self):
        points = [point("floor", [100]), point("nginx", [250])]
        picture = self.draw(scenario(points, reference="floor"))
        dashed = [numbers(d) for _, dashes, d in picture.paths if dashes and "L" in d]
        self.assertEqual(len(dashed), 1)
        x, _, other_x, _ = dashed[0]
        self.assertEqual(x, other_x)
        self.assertAlmostEqual(x, picture.x_of("1"), delta=1)
        self.assertAlmostEqual(x, picture.bars[0][1], delta=1)

    def test_a_thin_line_goes_from_the_least_to_the_greatest(self):
        picture = self.draw(scenario([point("nginx", [100, 400, 200])]))
        zero, hundred = picture.x_of("0"), (picture.bars[0][1] - picture.x_of("0")) / 2
        (line,) = [numbers(d) for stroke, dashes, d in picture.paths if stroke == INK]
        self.assertAlmostEqual(min(line[::2]), zero + hundred, delta=1)
        self.assertAlmostEqual(max(line[::2]), zero + 4 * hundred, delta=1)

    def test_beside_itself_a_contender_is_shown_where_it_differs(self):
        points = [point("nginx", [100, 100], 0), point("nginx", [110, 130], 10_000)]
        picture = self.draw(curves(points, reference={"x": 0}))
        self.assert_shows(picture, "nginx", "1.20")
        self.assertEqual(len(picture.bars), 1)

    def test_a_unit_that_the_figure_names_is_not_said_twice(self):
        for figure, unit, label in (
            ("requests/s", "/s", "requests/s"),
            ("system calls", "", "system calls"),
            ("instructions per request", "instructions", "instructions per request"),
            ("memory of bits", "bytes", "memory of bits (bytes)"),
        ):
            picture = self.draw(scenario([point("nginx", [10])], figure=figure, unit=unit))
            self.assert_shows(picture, label)

    def test_a_contender_without_a_figure_is_still_named(self):
        points = [point("floor", [100]), point("nginx", [None]), point("libuv", [])]
        picture = self.draw(scenario(points, reference="floor"))
        self.assert_shows(picture, "floor", "nginx", "libuv", "no figure")

    def test_no_figure_at_all_is_a_picture_too(self):
        self.assert_shows(self.draw(scenario([point("nginx", [None])])), "nginx", "no figure")


class Curves(PlotTest):
    def test_every_contender_is_in_the_legend(self):
        names = ["epoll", ODD, "a name of more than forty characters, or so"]
        picture = self.draw(curves([point(name, [1, 2], x) for name in names for x in (10, 100)]))
        self.assert_shows(picture, *names, "10", "100", "idle connections", "CPU per request (ns)")

    def test_where_a_figure_is_missing_the_curve_is_interrupted(self):
        ours = [point("select", [x], x) for x in (10, 100, 3000, 10_000)]
        drawn = curves([point("epoll", [5], x) for x in (10, 100, 1000, 3000, 10_000)] + ours)
        picture = self.draw(drawn)
        self.assertEqual([len(part) for part in curve_lines(picture, FIRST)], [5])
        self.assertEqual([len(part) for part in curve_lines(picture, SECOND)], [2, 2])

    def test_a_contender_without_a_figure_is_still_in_the_legend(self):
        points = [point("epoll", [1], 10), point("select", [None], 10), point("epoll", [1], 100)]
        self.assert_shows(self.draw(curves(points)), "epoll", "select")

    def test_no_figure_at_all_is_a_picture_too(self):
        self.assert_shows(self.draw(curves([point("select", [None], 10)])), "select")

    def test_powers_of_ten_are_as_far_from_each_other(self):
        points = [point("poll", [1000 * x], x) for x in (10, 100, 10_000)]
        picture = self.draw(curves(points))
        decade = picture.x_of("100") - picture.x_of("10")
        self.assertAlmostEqual(picture.x_of("10,000") - picture.x_of("100"), 2 * decade, delta=1)
        (line,) = curve_lines(picture, FIRST)
        heights = [y for _, y in line]
        self.assertAlmostEqual(heights[1] - heights[2], 2 * (heights[0] - heights[1]), delta=1)

    def test_figures_of_one_size_are_shown_from_zero(self):
        points = [point("epoll", [2, 5, 4], 10), point("epoll", [8], 100)]
        picture = self.draw(curves(points))
        (line,) = curve_lines(picture, FIRST)
        middle = picture.texts["0"][1] - 4  # of the digit, which stands below its line
        self.assertAlmostEqual(middle - line[1][1], 2 * (middle - line[0][1]), delta=4)

    def test_nanoseconds_become_a_handy_unit(self):
        points = [point("poll", [4_000], 10), point("poll", [650_000], 100)]
        self.assert_shows(self.draw(curves(points)), "CPU per request (µs)", "5", "1,000")


def curve_lines(picture, stroke):
    """The lines of this colour from point to point: ((x, y), …) each.

    A curve changes its direction only above a label of the axis; thin lines and samples do not.
    """
    labels = [x for x, _ in picture.texts.values()]
    found = []
    drawn = " ".join(d for other, _, d in picture.paths if other == stroke)
    for part in re.findall(r"M[^M]+", drawn):
        values = numbers(part)
        xs = values[::2]
        if len(set(xs)) > 1 and all(any(abs(x - label) < 1 for label in labels) for x in xs):
            found.append(tuple(zip(xs, values[1::2])))
    return found


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("gnuplot is not here, and it draws the plots")
        sys.exit(77)
    unittest_summary.main()
