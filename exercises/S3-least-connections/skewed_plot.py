"""Draws what skewed_load.py has seen, as an SVG picture: a panel for each policy, a line for each
loop, and how many connections it held after each client."""

PANEL_WIDTH, PANEL_HEIGHT = 360, 260
LEFT, TOP, BOTTOM, RIGHT = 52, 48, 48, 12
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"]  # told apart by colour-blind people, too


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {more}>{words}</text>'


def panel(left, name, history, most):
    """`history` has a row for each client: how many connections each loop held then."""
    width, height = PANEL_WIDTH - LEFT - RIGHT, PANEL_HEIGHT - TOP - BOTTOM
    origin_x, origin_y = left + LEFT, TOP + height

    def x(client):
        return round(origin_x + client * width / (len(history) - 1), 1)

    def y(count):
        return round(origin_y - count * height / most, 1)

    yield text(origin_x + width / 2, TOP - 18, name, more='font-weight="bold"')
    for count in range(0, most + 1, 2):
        yield f'<path d="M{origin_x} {y(count)}h{width}" stroke="#ddd"/>'
        yield text(origin_x - 8, y(count) + 4, count, "end")
    for client in range(0, len(history), 10):
        yield text(x(client), origin_y + 18, client)
    yield text(origin_x + width / 2, origin_y + 38, "clients that have come")
    for loop, colour in enumerate(COLOURS):
        # A little beside each other, so that equal lines do not hide each other.
        aside = 2 * loop - 3
        points = " ".join(f"{x(i)},{y(row[loop]) + aside}" for i, row in enumerate(history))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def draw(runs):
    """`runs` is a list of policies: name and history. Returns the text of the picture."""
    most = max(max(row) for _, history in runs for row in history)
    most += most % 2
    width, height = PANEL_WIDTH * len(runs), PANEL_HEIGHT + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        text(14, TOP + 80, "open connections", more=f'transform="rotate(-90 14 {TOP + 80})"'),
    ]
    for i, (name, history) in enumerate(runs):
        lines += panel(i * PANEL_WIDTH, name, history, max(most, 2))
    for loop, colour in enumerate(COLOURS):
        left = LEFT + loop * 150
        lines.append(f'<path d="M{left} {height - 16}h24" stroke="{colour}" stroke-width="3"/>')
        lines.append(text(left + 30, height - 11, f"sub-reactor-{loop}", "start"))
    return "\n".join([*lines, "</svg>", ""])
