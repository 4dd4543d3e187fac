"""Interleaved rounds: A B C, B C A, C A B … so that all meet the same weather, and the same
neighbours; what each contender used in its turn, and what disturbed it."""

from dataclasses import dataclass

from bench_servers import CannotRun

PER_REQUEST = "CPU per request"
MOST_REPEATS = 2  # of one turn, because of foreign load


def cpu_per_request(turn):
    return turn["cpu_ns"] / turn["requests"]


def requests_per_second(turn):
    return turn["requests"] / turn["seconds"]


@dataclass
class Runner:
    """A contender in a scenario: its server and load(seconds), which returns a Load."""

    name: str
    server: object
    load: object
    x: object = None
    value: object = cpu_per_request
    is_out: bool = False


def take_turn(bench, runner, seconds):
    """One round of one contender; the value is None if it answered nothing."""
    bench.foreign.start()
    before = runner.server.process.cpu_ns()
    load = runner.load(seconds)
    turn = {
        "requests": load.requests,
        "cpu_ns": runner.server.process.cpu_ns() - before,
        "seconds": load.seconds,
        "errors": load.errors,
        "p99_ns": load.p99_ns,
        "bytes": load.bytes,
        "foreign": round(bench.foreign.share(), 3),
    }
    # A server that ends in between takes its clock along.
    usable = load.requests > 0 and load.seconds > 0 and turn["cpu_ns"] > 0
    turn["value"] = runner.value(turn) if usable else None
    return turn


def take_quiet_turn(bench, runner, seconds):
    """Takes a disturbed turn again; if that does not help, its share of foreign load tells."""
    turn = take_turn(bench, runner, seconds)
    for _ in range(MOST_REPEATS):
        if turn["foreign"] <= bench.foreign.LIMIT or bench.anyway or bench.repeats_left == 0:
            break
        bench.repeats_left -= 1
        turn = take_turn(bench, runner, seconds)
    return turn


def leave_out_the_dead(bench, runners):
    for runner in runners:
        if not runner.is_out and not runner.server.process.runs():
            runner.is_out = True
            process = runner.server.process
            status = process.popen.returncode
            why = f"{runner.name} ended with {status}: {process.last_words()}"
            bench.leave_out(runner.name, why)


def measure(bench, title, runners, seconds):
    """Returns a point a contender: its name, its x, its rounds."""
    points = [{"contender": runner.name, "x": runner.x, "rounds": []} for runner in runners]
    pairs = list(zip(runners, points))
    bench.repeats_left = bench.rounds
    for number in range(1 if bench.smoke else 0, bench.rounds + 1):
        first = number % len(pairs)
        for runner, point in pairs[first:] + pairs[:first]:
            if runner.is_out:
                continue
            which = f"round {number} of {bench.rounds}" if number else "warming up"
            bench.progress(f"{title}: {which}: {runner.name}")
            if number == 0:
                runner.load(min(seconds, bench.warm_up))
            else:
                point["rounds"].append(take_quiet_turn(bench, runner, seconds))
        leave_out_the_dead(bench, runners)
    # The rounds of one that went missing have no partners of the same number.
    return [point for runner, point in pairs if not runner.is_out]


def result(name, title, points, **further):
    """A scenario of the raw results, with CPU time per request as its figure unless told so."""
    if not points:
        raise CannotRun("no contender is left")
    base = {"figure": PER_REQUEST, "unit": "ns", "reference": None, "x": None}
    return {"name": name, "title": title, **base, **further, "points": points}


def single_value(name, value, requests, x=None):
    """A point for what is measured once."""
    turn = {"value": value, "requests": requests, "cpu_ns": 0, "seconds": 0.0, "errors": 0}
    return {"contender": name, "x": x, "rounds": [{**turn, "p99_ns": None}]}
