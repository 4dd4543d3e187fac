"""Plots of the raw results: one SVG a scenario, drawn by gnuplot.

What is compared at one place becomes bars, which start at 0; what is compared along an axis becomes
curves. Both show the median of the rounds, and with thin lines the least and the greatest. The same
results give the same bytes.
"""

import math
import os
import shutil
import statistics
import subprocess
import textwrap
from xml.sax.saxutils import escape

from bench_report import ratios_of, reference_name, reference_rounds, summarize, three_digits

WIDTH, LEFT = 800, 0.015
FONT = "sans-serif"
# Colours that people tell apart whatever their eyes see (Okabe and Ito), each with its own shape.
INK, FAINT, OURS, OTHERS = "#222222", "#707070", "#0072B2", "#A9B4BF"
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK, FAINT]
SHAPES = [7, 5, 9, 13, 11, 15, 4, 6]
SCALES = {"ns": [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]}


class CannotPlot(OSError):
    """There is no gnuplot here, or it has not drawn what it was told to."""


def quoted(text):
    """A string of gnuplot's in which nothing has a meaning but the quote, which is doubled."""
    return "'" + " ".join(str(text).replace("'", "''").split()) + "'"


def tick(text, position):
    """A label on an axis; there gnuplot takes a % for the beginning of a format."""
    return f"{quoted(text.replace('%', '%%'))} {position:.10g}"


def text_at(height, text, size, colour):
    """Words that stand at the left, so high; both in parts of the picture."""
    font = f"font '{FONT},{size}' textcolor rgb '{colour}'"
    return f"set label {quoted(text)} at screen {LEFT}, screen {height:.5f} left {font}"


def ticks_at(axis, positions):
    labels = ", ".join(tick(f"{each:,.10g}", each) for each in positions)
    return f"set {axis}tics ({labels})"


def linear_axis(axis, end):
    """From 0, so that lengths can be compared, with a few ticks at round numbers."""
    end = end if end > 0 else 1
    power = 10.0 ** math.floor(math.log10(end))
    step = power * (0.5 if end < 2.5 * power else 1 if end < 5 * power else 2)
    positions = [step * number for number in range(int(end / step) + 1)]
    return [f"set {axis}range [0:{end:.10g}]", ticks_at(axis, positions)]


def footer_of(results):
    machine = results["machine"]
    cores = f"{machine['cores']} core{'s' if machine['cores'] != 1 else ''}"
    load = f"load: {machine['load']}"
    words = [machine["cpu"], cores, machine["kernel"], machine["compiler"], load]
    lines = ([results["command"], results["date"]], words)
    return [part for line in lines for part in textwrap.wrap(" · ".join(line), 130)]


def frame(title, subtitle, footer, inner, above=0):
    """What all plots have: the ground, the words above and below, the room between them.

    In pixels: inner is the height of the plot alone, above that of a legend on top of it.
    """
    bottom = 76 + 15 * len(footer)
    height = 70 + above + inner + bottom
    lines = [
        f"set terminal svg size {WIDTH},{height} noenhanced rounded"
        f" font '{FONT},13' background rgb 'white'",
        "set encoding utf8",
        text_at(1 - 24 / height, title, 17, INK),
        text_at(1 - 47 / height, subtitle, 12, FAINT),
        f"set key at screen {LEFT}, screen {1 - 60 / height:.5f} left top horizontal",
        f"set tmargin at screen {1 - (70 + above) / height:.5f}",
        f"set bmargin at screen {bottom / height:.5f}",
        f"set border linecolor rgb '{FAINT}'",
        f"set tics nomirror textcolor rgb '{INK}'",
        "set grid linecolor rgb '#E4E4E4' linetype 1",
        "set errorbars 0.8",
    ]
    for number, line in enumerate(reversed(footer)):
        lines.append(text_at((12 + 15 * number) / height, line, 10, FAINT))
    return lines


def scale_of(unit, greatest):
    """The unit in which the greatest value is a handy number, and what to divide by."""
    for name, factor in SCALES.get(unit, ()):
        if greatest >= factor:
            return name, factor
    return unit, 1


def values_of(point):
    return [each["value"] for each in point["rounds"] if each["value"] is not None]


def in_words(scenario, unit):
    """The figure with its unit, unless it says that itself."""
    figure = scenario["figure"]
    is_said = not unit or unit in figure.replace("/", " /").split()
    return figure if is_said else f"{figure} ({unit})"


def spread_in_words(points):
    rounds = max(len(point["rounds"]) for point in points)
    if rounds == 1:
        return "measured once"
    return f"median of {rounds} rounds, with the least and the greatest"


def better(scenario, word):
    """Of what there is to be much of, more is better; of costs, less."""
    return "more is better" if scenario["unit"] == "/s" else f"{word} is better"


# Bars

# Columns: median, row, colour.
BARS = (
    "plot $bars using (0):2:(0):1:($2 - 0.32):($2 + 0.32):3 title 'medians'"
    " with boxxyerror fillstyle solid noborder linecolor rgb variable"
)


def bar_points(scenario):
    """Beside itself at another x, a contender is not shown at that x: it would be 1."""
    reference = scenario["reference"]
    if isinstance(reference, dict):
        return [point for point in scenario["points"] if point["x"] != reference["x"]]
    return scenario["points"]


def bars_of(scenario, points):
    """Returns the summaries of the points (None: no figure), and the axis in words."""
    reference = scenario["reference"]
    if reference:
        label = f"{scenario['figure']} ÷ {reference_name(reference)}"
        found = [
            summarize(ratios_of(point["rounds"], reference_rounds(scenario, point, reference)))
            for point in points
        ]
        return found, label
    greatest = max((value for point in points for value in values_of(point)), default=0)
    unit, factor = scale_of(scenario["unit"], greatest)
    found = [summarize([value / factor for value in values_of(point)]) for point in points]
    return found, in_words(scenario, unit)


def is_ours(contender):
    """Stages, and their options; the rest is what they are compared with."""
    return contender.startswith(("stage", "--"))


def bar_names(points):
    """The contenders; at several x, which one."""
    if len({point["x"] for point in points}) < 2:
        return [point["contender"] for point in points]
    return [f"{point['contender']}, {point['x']:,}" for point in points]


def bar_axes(points, greatest, label):
    rows = ", ".join(map(tick, bar_names(points), range(len(points))))
    return [
        *linear_axis("x", 1.12 * greatest),
        f"set yrange [{len(points) - 0.4:.1f}:-0.6]",
        f"set xlabel {quoted(label)} textcolor rgb '{INK}'",
        "set rmargin at screen 0.94",
        "set border 1",
        "set grid noytics",
        f"set ytics scale 0 ({rows})",
        "unset key",
    ]


def bar_end(row, summary, is_ratio):
    """The thin line from least to greatest, and behind it the median as a number."""
    text, end = "no figure", 0
    if summary:
        median, least, end = summary
        text = f"{median:.2f}" if is_ratio else three_digits(median)
        if least < end:
            line = f"heads size screen 0.005, 90 front linewidth 1.4 linecolor rgb '{INK}'"
            yield f"set arrow from {least:.10g}, {row} to {end:.10g}, {row} {line}"
    place = f"at {end:.10g}, {row} left offset character 0.8, 0 front"
    yield f"set label {quoted(text)} {place} textcolor rgb '{INK}'"


def bar_script(scenario, footer):
    points = bar_points(scenario)
    found, label = bars_of(scenario, points)
    one_kind = len({is_ours(point["contender"]) for point in points}) == 1
    subtitle = f"{spread_in_words(points)}; {better(scenario, 'shorter')}"
    lines = frame(scenario["title"], subtitle, footer, 32 * len(points))
    lines += bar_axes(points, max((summary[2] for summary in found if summary), default=0), label)
    if scenario["reference"]:
        one = "from 1, graph 0 to 1, graph 1 nohead front"
        lines.append(f"set arrow {one} linecolor rgb '{INK}' dashtype 2")
    bars = []
    for row, (point, summary) in enumerate(zip(points, found)):
        lines += bar_end(row, summary, scenario["reference"])
        colour = OURS if one_kind or is_ours(point["contender"]) else OTHERS
        bars.append(f"{summary[0] if summary else 0:.10g} {row} {int(colour[1:], 16)}")
    return [*lines, "$bars << END", *bars, "END", BARS]


# Curves


def is_wide(values):
    """Whether they need a logarithmic axis; without a positive least one there is none."""
    return bool(values) and min(values) > 0 and max(values) >= 10 * min(values)


def curve_data(scenario, contender, factor):
    """The lines of one curve; where a figure is missing, an empty one, which interrupts it."""
    by_x = {p["x"]: values_of(p) for p in scenario["points"] if p["contender"] == contender}
    for x in sorted({point["x"] for point in scenario["points"]}):
        values = [value / factor for value in by_x.get(x, ())]
        if values:
            yield f"{x} {statistics.median(values):.10g} {min(values):.10g} {max(values):.10g}"
        else:
            yield ""


def log_ticks(least, greatest):
    """1, 2 and 5 of every power of ten, from below the least value to above the greatest."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(greatest)) + 1)
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    first = max(each for each in ticks if each <= least)
    last = min(each for each in ticks if each >= greatest)
    return [each for each in ticks if first <= each <= last]


def axis_lines(xs, values):
    lines = []
    if is_wide(xs):
        lines += ["set logscale x", f"set xrange [{min(xs) / 1.25:.10g}:{max(xs) * 1.25:.10g}]"]
    else:
        room = 0.04 * (max(xs) - min(xs)) or 1
        lines.append(f"set xrange [{min(xs) - room:.10g}:{max(xs) + room:.10g}]")
    lines.append(ticks_at("x", xs))
    if is_wide(values):
        ticks = log_ticks(min(values) / 1.2, max(values))
        lines += ["set logscale y", f"set yrange [{ticks[0]:.10g}:{ticks[-1]:.10g}]"]
        lines.append(ticks_at("y", ticks))
    else:
        lines += linear_axis("y", 1.1 * max(values, default=0))
    return lines


def legend(contenders):
    """Above the plot, as many beside each other as fit; returns its lines and its height."""
    columns = max(1, WIDTH // (8 * max(map(len, contenders)) + 56))
    rows = math.ceil(len(contenders) / columns)
    shape = f"maxcols {columns} Left reverse samplen 2.5 spacing 1.3"
    return [f"set key {shape} textcolor rgb '{INK}'"], 25 * rows + 4


def curve_script(scenario, footer):
    points = scenario["points"]
    contenders = list(dict.fromkeys(point["contender"] for point in points))
    xs = sorted({point["x"] for point in points})
    values = [value for point in points for value in values_of(point)]
    unit, factor = scale_of(scenario["unit"], max(values, default=0))
    subtitle = f"{spread_in_words(points)}; {better(scenario, 'lower')}"
    key, height = legend(contenders)
    lines = frame(scenario["title"], subtitle, footer, 320, height) + key
    lines += axis_lines(xs, [value / factor for value in values])
    lines += [
        f"set xlabel {quoted(scenario['x'])} textcolor rgb '{INK}'",
        f"set ylabel {quoted(in_words(scenario, unit))} textcolor rgb '{INK}'",
        "set rmargin at screen 0.97",
        "set border 3",
    ]
    drawn = []
    for number, contender in enumerate(contenders):
        lines += [f"$curve{number} << END", *curve_data(scenario, contender, factor), "END"]
        colour, shape = COLOURS[number % len(COLOURS)], SHAPES[number % len(SHAPES)]
        # Thinner than the one before: where two are the same, both are to be seen.
        width = max(1.4, 3.6 - 0.8 * number)
        style = f"linecolor rgb '{colour}' linewidth {width:.1f} pointtype {shape} pointsize 0.8"
        drawn += [
            f"$curve{number} using 1:2:3:4 with yerrorlines notitle {style}",
            f"keyentry with linespoints title {quoted(contender)} {style}",
        ]
    return [*lines, "plot " + ", ".join(drawn)]


def draw(script, title):
    """Returns the SVG that gnuplot makes of the lines; who cannot see it is told its title."""
    program = shutil.which("gnuplot")
    if not program:
        raise CannotPlot("gnuplot is not here; install it, and the plots come by themselves")
    ended = subprocess.run(
        [program, "-d", "-"],
        input="\n".join(script) + "\n",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
    )
    if ended.returncode or "</svg>" not in ended.stdout:
        raise CannotPlot(f"gnuplot has failed: {ended.stderr.strip()}")
    return ended.stdout.replace("<title>Gnuplot</title>", f"<title>{escape(title)}</title>", 1)


def is_curve(scenario):
    """Ratios to oneself at another x are few, and about 1: bars show them best."""
    return scenario["x"] is not None and not isinstance(scenario["reference"], dict)


def plot(results, folder):
    """Draws every scenario into the folder; returns the files, NAME.svg each."""
    folder.mkdir(parents=True, exist_ok=True)
    footer = footer_of(results)
    paths = []
    for scenario in results["scenarios"]:
        script = curve_script if is_curve(scenario) else bar_script
        path = folder / f"{scenario['name']}.svg"
        svg = draw(script(scenario, footer), scenario["title"])
        path.write_text(svg, encoding="utf-8")
        paths.append(path)
    return paths
