"""The echo scenarios: what each mechanism of stages 1 to 3 costs, and what it buys."""

import re
from functools import partial

import bench_load
from bench_http import start_those_that_can
from bench_rounds import Runner, measure, result, single_value
from bench_servers import Unusable, stage, variant

DISPATCHERS = ("epoll", "poll", "select")
IDLE = (10, 100, 1000, 3000, 10_000)
SELECT_LIMIT = 1000  # FD_SETSIZE is 1024, and some descriptors are not for clients
ACTIVE = 10  # connections that do talk beside the idle ones
CROWDS = (1, 8, 64)


def echo(bench):
    bench_load.needs_ours(bench)
    contenders = [stage(1, name="stage 1: poll")]
    for dispatcher in ("poll", "select", "epoll"):
        contenders.append(stage(2, f"--dispatcher={dispatcher}", name=f"stage 2: {dispatcher}"))
    for count in (0, 1, 2):
        contenders.append(stage(3, f"--threads={count}", name=f"stage 3: --threads={count}"))
    with bench.processes.scope():
        runners = [
            Runner(server.name, server, partial(bench_load.echo, bench, server.port))
            for server in start_those_that_can(bench, contenders)
        ]
        points = measure(bench, "echo", runners, bench.seconds(0.4))
    yield result(
        "echo",
        "64 bytes echoed, 64 connections",
        points,
        figure="CPU per message",
        reference=contenders[0].name,
        rate="messages/s",
    )


def storm_contenders():
    contenders = [stage(2, "--dispatcher=epoll", name="stage 2: one loop")]
    for wakeup in ("socketpair", "eventfd"):
        for count in (1, 2):
            words = (f"--wakeup=counted-{wakeup}", f"--threads={count}")
            name = f"stage 3: {wakeup}, --threads={count}"
            contenders.append(variant("counted_server", *words, name=name, is_http=False))
    return contenders


def storm(bench):
    """Connections that come, say one thing and go: the cost of handing each to a thread."""
    bench_load.needs_ours(bench)
    contenders = storm_contenders()
    if "counted_server" not in bench.programs:
        bench.note("storm: only stage 2, without the program counted_server")
        del contenders[1:]
    costs, wakes = [], []
    for crowd in CROWDS if not bench.smoke else CROWDS[1:2]:
        more_costs, more_wakes = storm_of(bench, contenders, crowd)
        costs += more_costs
        wakes += more_wakes
    yield result(
        "storm",
        "connect, one message echoed, close",
        costs,
        figure="CPU per connection",
        reference=contenders[0].name,
        x="connections at a time",
        rate="connections/s",
    )
    if wakes:
        yield result(
            "storm-wakes",
            "how often a loop of stage 3 was woken for a connection",
            wakes,
            figure="wakes per connection",
            unit="",
            x="connections at a time",
        )


def storm_of(bench, contenders, crowd):
    """One size of the crowd, with servers of its own: they tell their wakes at their end."""
    accepted = {}

    def load(server, seconds):
        done = bench_load.storm(bench, server.port, seconds, crowd)
        accepted[server.name] = accepted.get(server.name, 0) + done.requests
        return done

    with bench.processes.scope():
        servers = start_those_that_can(bench, contenders)
        runners = [Runner(server.name, server, partial(load, server), crowd) for server in servers]
        points = measure(bench, f"storm of {crowd}", runners, bench.seconds(0.3))
    wakes = []
    for server in servers:
        counted = re.search(r"^wakes (\d+)$", server.process.output(), re.MULTILINE)
        total = accepted.get(server.name, 0)
        if counted and total:
            wakes.append(single_value(server.name, int(counted[1]) / total, total, crowd))
    return points, wakes


def dispatchers(bench):
    """Few clients talk, more and more are silent."""
    bench_load.needs_ours(bench)
    points = []
    with bench.processes.scope():
        contenders = [stage(2, f"--dispatcher={name}", name=name) for name in DISPATCHERS]
        servers = start_those_that_can(bench, contenders)
        idle = 0
        for count in (x for x in IDLE if x <= bench.many(IDLE[-1])):
            servers = with_more_idle(bench, servers, count, count - idle)
            idle = count
            runners = [
                Runner(
                    server.name,
                    server,
                    partial(bench_load.echo, bench, server.port, connections=ACTIVE),
                    count,
                )
                for server in servers
            ]
            title = f"dispatchers, {count} idle"
            points += measure(bench, title, runners, bench.seconds(0.3))
    yield result(
        "dispatchers",
        f"64 bytes echoed on {ACTIVE} connections beside idle ones",
        points,
        figure="CPU per message",
        reference="epoll",
        x="idle connections",
        rate="messages/s",
        notes=[f"select ends at {SELECT_LIMIT:,}: it knows no descriptor beyond 1023."],
    )


def with_more_idle(bench, servers, count, more):
    """Adds idle connections; returns the servers that can have so many."""
    able = []
    for server in servers:
        if server.name == "select" and count > SELECT_LIMIT:
            continue
        bench.progress(f"dispatchers: {count} idle connections to {server.name}")
        try:
            bench_load.hold_idle(bench, server, more)
            able.append(server)
        except Unusable as problem:
            bench.leave_out(server.name, problem)
    return able
