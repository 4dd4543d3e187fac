"""The HTTP scenarios: hello, pipeline, connect, files, idle, threads."""

from functools import partial

import bench_load
from bench_calls import calls_result
from bench_rounds import (
    Runner,
    cpu_per_request,
    measure,
    requests_per_second,
    result,
    single_value,
)
from bench_servers import (
    FILES,
    HELLO,
    STAGE4_NOTE,
    Unusable,
    check_answer,
    floor,
    stage4,
    start,
    variant,
)

DEPTH = 16  # of pipelining
LARGE = 1_000_000  # bytes
LIGHT_LOAD = 4  # connections for large files: what is under way at the end distorts
BURN_BYTES = 17  # of the answer to /burn


def start_those_that_can(bench, contenders, path="/hello", size=len(HELLO), **options):
    """Starts servers and sees that they answer alike; who does not is named and left out."""
    servers = []
    for contender in contenders:
        bench.progress(f"starting {contender.name}")
        try:
            server = start(bench, contender, **options)
            if contender.is_http:
                check_answer(server, path, size)
            servers.append(server)
        except Unusable as problem:
            bench.leave_out(contender.name, problem)
    return servers


def http_points(bench, contenders, path="/hello", size=len(HELLO), pinned=True, **options):
    """Starts the contenders, measures them in turn, ends them. The figure is in options, or CPU."""
    bench_load.needs_http(bench)
    value = options.pop("value", cpu_per_request)
    with bench.processes.scope():
        runners = []
        for server in start_those_that_can(bench, contenders, path, size, pinned=pinned):
            load = partial(
                bench_load.http, bench, server.port, path=path, pinned=pinned, **options
            )
            runners.append(Runner(server.name, server, load, value=value))
        return measure(bench, f"GET {path}", runners, bench.seconds(0.5))


def beside_others(name, title, points, reference="floor", **further):
    """A result with ratios to nginx as well, if it took part."""
    has_nginx = any(point["contender"] == "nginx" for point in points)
    also = "nginx" if has_nginx else None
    return result(
        name, title, points, reference=reference, also=also, notes=[STAGE4_NOTE], **further
    )


def hello(bench):
    contenders = [floor(), stage4(), *bench.peers]
    points = http_points(bench, contenders)
    yield beside_others("hello", "GET /hello, keep-alive, 64 connections", points)
    yield from calls_result(bench, "hello", contenders, waits=True)


def pipeline(bench):
    batched = floor("per-read", name="floor per-read")
    contenders = [batched, floor(), stage4(), *bench.peers]
    points = http_points(bench, contenders, pipeline=DEPTH)
    title = f"GET /hello, {DEPTH} requests at a time, 64 connections"
    yield beside_others("pipeline", title, points, reference=batched.name)


def connect(bench):
    contenders = [floor("close"), stage4(), *bench.peers]
    points = http_points(bench, contenders, close=True)
    title = "GET /hello, a new connection each, 64 at a time"
    words = {"figure": "CPU per connection", "rate": "connections/s"}
    yield beside_others("connect", title, points, **words)
    yield from calls_result(bench, "connect", contenders, waits=False)


def files(bench):
    for name, size in FILES.items():
        yield from file_results(bench, name, size)


def file_results(bench, name, size):
    peers = [peer for peer in bench.peers if peer.serves_files]
    contenders = [floor("file", bench.root / name), stage4(), *peers]
    connections, further = 64, {}
    if size > LARGE:
        # Few large files end within a round: parts of them count too.
        connections = LIGHT_LOAD
        further["value"] = lambda turn: turn["cpu_ns"] * size / turn["bytes"]
    points = http_points(
        bench, contenders, f"/{name}", size, connections=connections, **further
    )
    title = f"GET /{name}, keep-alive, {connections} connections"
    yield beside_others(name, title, points, figure="CPU per file", rate="files/s")
    if name == "file-64k":
        yield latency_result(points)


def latency_result(points):
    """The same rounds once more, by how long the slowest hundredth of the clients waited."""
    points = [
        {**point, "rounds": [{**turn, "value": turn["p99_ns"]} for turn in point["rounds"]]}
        for point in points
    ]
    title = "GET /file-64k, keep-alive, 64 connections: 99 of 100 answers came within"
    names = [point["contender"] for point in points]
    reference = "lighttpd" if "lighttpd" in names else "floor"
    return result(
        "file-64k-p99", title, points, figure="p99 latency", reference=reference, rate="files/s"
    )


def idle(bench):
    """User memory of an idle connection, and whether many of them make the others dearer."""
    bench_load.needs_ours(bench)
    count = bench.many(10_000)
    memory, cpu = [], []
    for contender in [stage4(), *bench.peers]:
        if contender.port:
            continue  # two of them cannot run at the same time
        try:
            bytes_each, points = idle_of(bench, contender, count)
        except Unusable as problem:
            bench.leave_out(contender.name, problem)
            continue
        memory.append(single_value(contender.name, bytes_each, count))
        cpu += points
    title = f"user memory of one of {count:,} idle keep-alive connections"
    figure = "memory per connection"
    note = "The growth of RssAnon: heap and stacks, without the kernel's sockets."
    yield result("idle", title, memory, figure=figure, unit="bytes", notes=[note])
    title = f"GET /hello beside {count:,} idle connections, keep-alive, 64 connections"
    yield result("idle-cpu", title, cpu, reference={"x": 0}, x="idle connections")


def idle_of(bench, contender, count):
    """Two servers of a kind, one of them with idle connections, are measured in turn."""
    with bench.processes.scope():
        bench.progress(f"idle: {contender.name}")
        servers = [start(bench, contender), start(bench, contender)]
        runners = [
            Runner(contender.name, server, partial(bench_load.http, bench, server.port), x)
            for server, x in zip(servers, (0, count))
        ]
        # What it allocates once, for the first requests, is not the idle connections' memory.
        runners[1].load(bench.warm_up)
        before = servers[1].process.anonymous_bytes()
        bench_load.hold_idle(bench, servers[1], count, "/hello")
        bytes_each = (servers[1].process.anonymous_bytes() - before) / count
        if runners[1].load(bench.warm_up).requests == 0:
            # lighttpd takes half as many connections as it may have descriptors.
            bench.note(f"{contender.name} answers nobody else beside {count:,} connections")
            return bytes_each, []
        return bytes_each, measure(bench, "idle", runners, bench.seconds(0.3))


def threads(bench):
    """No core is reserved here: the servers' threads are to have them all."""
    names = {count: f"--threads={count}" for count in (1, 2)}
    servers = [stage4(name=name, threads=count) for count, name in names.items()]
    points = http_points(bench, servers, pinned=False)
    title = "GET /hello, keep-alive, 64 connections, on whichever core is free"
    yield result("threads", title, points, reference=names[1], notes=[STAGE4_NOTE])
    if "burning_server" not in bench.programs or bench.cores < 2:
        bench.note("threads: no /burn without a second core and the program burning_server")
        return
    servers = [variant("burning_server", name, name=name, is_http=True) for name in names.values()]
    points = http_points(
        bench, servers, "/burn", BURN_BYTES, pinned=False, value=requests_per_second
    )
    title = "GET /burn, whose handler only burns CPU time"
    words = {"figure": "throughput", "unit": "/s", "rate": None}
    yield result("threads-burn", title, points, reference=names[1], **words)
