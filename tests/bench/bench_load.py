"""Load: wrk where it is installed; our own load elsewhere, and for what wrk cannot do.

Both say at their end how many answers came and what went wrong.
"""

import json
import signal
import subprocess
import time
from dataclasses import dataclass

import bench_clock
from bench_servers import CannotRun, Unusable, program_of

LATE = 10  # seconds after which a load that should have ended is ended
LONGER_THAN_A_ROUND = 2 * LATE  # wrk knows nothing shorter than a second, so we end it

# wrk prints sizes and times rounded for people; its script can print them as they are.
WRK_DONE = """\
function done(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('{"requests": %d, "bytes": %.0f, "errors": %d, ',
                         summary.requests, summary.bytes, failed))
  io.write(string.format('"elapsed_ns": %.0f, "latency_ns": {"p99": %.0f}}\\n',
                         summary.duration * 1000, latency:percentile(99) * 1000))
end
"""
WRK_PIPELINE = """\
init = function()
  batch = string.rep(wrk.format("GET", nil), {depth})
end
request = function()
  return batch
end
"""


@dataclass
class Load:
    requests: int
    errors: int
    seconds: float
    bytes: int = 0
    p99_ns: float = None


def parse(text):
    """Reads the line of JSON in what a load printed; without one it has failed as a whole."""
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                said = json.loads(line)
                latency = said.get("latency_ns") or {}
                return Load(
                    said["requests"],
                    said["errors"],
                    said["elapsed_ns"] / 1e9,
                    said.get("bytes", 0),
                    latency.get("p99"),
                )
            except (ValueError, KeyError):
                continue
    return Load(0, 1, 0.0)


def catches_interrupts(pid):
    """Whether a process has got as far as to have a handler for SIGINT."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:
        caught = next((line for line in status if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1))


def end_wrk(process, seconds):
    """wrk stops at SIGINT and prints what it has counted."""
    while process.runs() and not catches_interrupts(process.pid):
        time.sleep(0.001)
    time.sleep(seconds)
    if process.runs():
        process.popen.send_signal(signal.SIGINT)


def finish(bench, process, patience):
    """Returns what a load has counted; one that hangs is ended, and has counted nothing."""
    try:
        process.popen.wait(patience)
    except subprocess.TimeoutExpired:
        pass
    bench.processes.stop(process)
    return parse(process.output())


def http_by_wrk(bench, port, seconds, connections, path, pipeline, close, core):
    script = bench.folder / f"wrk-{pipeline}.lua"
    script.write_text(WRK_DONE + (WRK_PIPELINE.format(depth=pipeline) if pipeline > 1 else ""))
    command = [bench.wrk, "-t1", f"-c{connections}", f"-d{LONGER_THAN_A_ROUND}s", "-s", script]
    command += ["-H", "Connection: close"] if close else []
    process = bench.processes.start("wrk", [*command, f"http://127.0.0.1:{port}{path}"], core)
    end_wrk(process, seconds)
    return finish(bench, process, LATE)


def run_ours(bench, mode, port, seconds, core, **options):
    """Runs `load`; options are those of its mode: size=64 becomes --size=64."""
    words = [f"--{name}={value}" for name, value in options.items()]
    command = [program_of(bench, "load"), mode, f"--port={port}", *words]
    command.append(f"--duration={round(seconds * 1000)}")
    return finish(bench, bench.processes.start("load", command, core), seconds + LATE)


def http(bench, port, seconds, connections=64, path="/hello", pipeline=1, close=False, pinned=True):
    core = bench.load_core if pinned else None
    if bench.wrk:
        return http_by_wrk(bench, port, seconds, connections, path, pipeline, close, core)
    options = {"connections": connections, "path": path, "pipeline": pipeline}
    if close:
        options["close"] = "on"
    return run_ours(bench, "http", port, seconds, core, **options)


def echo(bench, port, seconds, connections=64, size=64):
    options = {"connections": connections, "size": size}
    return run_ours(bench, "echo", port, seconds, bench.load_core, **options)


def storm(bench, port, seconds, connections):
    return run_ours(bench, "storm", port, seconds, bench.load_core, connections=connections)


def hold_idle(bench, server, connections, path=None):
    """Opens connections that stay open, and idle, until the scope of the processes ends."""
    before = bench_clock.descriptors(server.process.pid)
    command = [program_of(bench, "load"), "idle", f"--port={server.port}"]
    command += [f"--connections={connections}", *([f"--path={path}"] if path else [])]
    # It holds them until its standard input ends.
    holder = bench.processes.start("idle", command, bench.load_core, stdin=subprocess.PIPE)
    if not holder.wait_for_output(r"^ready$", patience=30):
        why = holder.last_words()
        bench.processes.stop(holder)
        raise Unusable(f"{server.name} does not hold {connections:,} connections: {why}")
    # To a client a connection is open when the kernel has it; the server may still be accepting.
    if not server.process.wait_for_descriptors(before + connections, patience=30):
        raise Unusable(f"{server.name} does not accept {connections:,} connections in time")


def needs_http(bench):
    if not bench.wrk:
        needs_ours(bench)


def needs_ours(bench):
    if "load" not in bench.programs:
        raise CannotRun("the program load is missing")
