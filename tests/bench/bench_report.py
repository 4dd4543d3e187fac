"""What comes of the rounds: ratios, medians and spread; Markdown to read, JSON to keep."""

import json
import statistics

from bench_clock import ForeignLoad


def ratios_of(rounds, reference_rounds):
    """Round by round, so that what disturbed both of them cancels out."""
    pairs = zip(rounds, reference_rounds)
    return [
        ours["value"] / theirs["value"]
        for ours, theirs in pairs
        if ours["value"] is not None and theirs["value"]
    ]


def summarize(values):
    """Median, least and greatest, or None if there is no value."""
    if not values:
        return None
    return statistics.median(values), min(values), max(values)


def find_rounds(scenario, contender, x):
    for point in scenario["points"]:
        if (point["contender"], point["x"]) == (contender, x):
            return point["rounds"]
    return []


def reference_rounds(scenario, point, reference):
    """Those of the contender named reference, or, for {"x": 0}, its own at that x."""
    if isinstance(reference, dict):
        return find_rounds(scenario, point["contender"], reference["x"])
    return find_rounds(scenario, reference, point["x"])


def reference_name(reference):
    return f"that at {reference['x']}" if isinstance(reference, dict) else reference


def three_digits(number):
    """12345 as 12,345; 12.345 as 12.3; 0.012345 as 0.0123"""
    if number == 0:
        return "0"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    digits = 1 if abs(number) >= 10 else 2
    return f"{number:.{digits}f}" if abs(number) >= 0.1 else f"{number:.3g}"


def with_unit(number, unit):
    if unit == "ns":
        for factor, name in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
            if abs(number) >= factor:
                return f"{three_digits(number / factor)} {name}"
    return f"{three_digits(number)} {unit}".rstrip()


def ratio_cells(scenario, point, reference):
    if not reference:
        return ["–", "–"]
    summary = summarize(ratios_of(point["rounds"], reference_rounds(scenario, point, reference)))
    if not summary:
        return ["–", "–"]
    median, least, greatest = summary
    return [f"{median:.2f}", f"{least:.2f}–{greatest:.2f}"]


def marks_of(point):
    """What a reader has to know before believing this line."""
    rounds = point["rounds"]
    marks = []
    for what, bad in (
        ("no figure", [r for r in rounds if r["value"] is None]),
        ("errors", [r for r in rounds if r["errors"]]),
        ("foreign load", [r for r in rounds if (r.get("foreign") or 0) > ForeignLoad.LIMIT]),
    ):
        if bad:
            marks.append(f"{what} in {len(bad)} of {len(rounds)}")
    return "; ".join(marks)


def rate_of(scenario, rounds):
    if scenario.get("rate", "") is None:
        return "–"
    rates = [r["requests"] / r["seconds"] for r in rounds if r["seconds"]]
    return f"{statistics.median(rates):,.0f}" if rates else "–"


def row_of(scenario, point):
    values = [r["value"] for r in point["rounds"] if r["value"] is not None]
    cells = [] if scenario["x"] is None else [f"{point['x']:,}"]
    cells.append(point["contender"])
    cells.append(with_unit(statistics.median(values), scenario["unit"]) if values else "–")
    cells += ratio_cells(scenario, point, scenario["reference"])
    if scenario.get("also"):
        cells += ratio_cells(scenario, point, scenario["also"])[:1]
    cells.append(rate_of(scenario, point["rounds"]))
    timed = any(r["seconds"] for r in point["rounds"])
    cells.append(str(sum(r["errors"] for r in point["rounds"])) if timed else "–")
    cells.append(marks_of(point))
    return cells


def heading_of(scenario):
    cells = [] if scenario["x"] is None else [scenario["x"]]
    cells += ["contender", scenario["figure"]]
    cells += [f"÷ {reference_name(scenario['reference'])}", "spread"]
    if scenario.get("also"):
        cells.append(f"÷ {scenario['also']}")
    return [*cells, scenario.get("rate", "requests/s") or "", "errors", "mind"]


def drop_empty(rows):
    """Leaves out columns that say nothing in any row."""
    kept = [
        column
        for column in range(len(rows[0]))
        if any(row[column] not in ("", "–") for row in rows[1:])
    ]
    return [[row[column] for column in kept] for row in rows]


def markdown_table(rows):
    heading, *others = rows
    words = {"contender", "spread", "mind"}
    line = ["---" if cell in words else "---:" for cell in heading]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heading, line, *others])


def scenario_markdown(scenario):
    table = scenario.get("table")  # what counts instructions has a table of its own
    if not table:
        rows = [heading_of(scenario)] + [row_of(scenario, point) for point in scenario["points"]]
        table = markdown_table(drop_empty(rows))
    text = f"\n### {scenario['name']}: {scenario['title']}\n\n{table}"
    return "\n\n".join([text, *scenario.get("notes", ())])


def header_markdown(results):
    machine = results["machine"]
    cores = "1 core" if machine["cores"] == 1 else f"{machine['cores']} cores"
    lines = [
        f"## `{results['command']}`",
        "",
        f"{results['date']}; {machine['cpu']}, {cores}; {machine['kernel']};"
        f" {machine['compiler']}; load: {machine['load']}",
    ]
    return "\n".join(lines)


def save(results, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
