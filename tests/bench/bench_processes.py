"""The processes of a benchmark: each on its core, and all of them ended, whatever happens."""

import contextlib
import os
import re
import signal
import subprocess
import time

import bench_clock

PATIENCE = 5  # seconds for a process to end by itself


def choose_cores(allowed, siblings_of):
    """Returns a core for the servers and one for the load, or the same one twice.

    Two threads of one core share its units: a load there would slow the server down.
    """
    cores = sorted(allowed)
    server = cores[0]
    for load in cores[1:]:
        if load not in siblings_of(server):
            return server, load
    return server, cores[-1]


def siblings(core):
    """The numbers of the CPUs that are threads of the same core, as "0,4" or "0-1" tells them."""
    name = f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list"
    try:
        with open(name, encoding="ascii") as file:
            parts = file.read().strip().split(",")
    except OSError:
        return {core}
    ranges = [part.partition("-") for part in parts]
    return {n for low, _, high in ranges for n in range(int(low), int(high or low) + 1)}


class Process:
    """A program that runs, and the file that it writes all its output to."""

    def __init__(self, command, log, core=None, stdin=subprocess.DEVNULL):
        self.log = log
        with open(log, "wb") as output:
            self.popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the benchmark, which ends its processes one by one.
                start_new_session=True,
                preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
            )
        self.pid = self.popen.pid

    def runs(self):
        return self.popen.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def last_words(self):
        lines = self.output().strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def wait_for_output(self, pattern, patience=PATIENCE):
        """Returns the first match in what it says, or None if it ends or takes too long."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            runs = self.runs()
            found = re.search(pattern, self.output(), re.MULTILINE)
            if found or not runs:
                return found
            time.sleep(0.005)
        return None

    def cpu_ns(self):
        return bench_clock.tree_cpu_ns(self.pid)

    def anonymous_bytes(self):
        return bench_clock.anonymous_bytes(self.pid)

    def wait_for_descriptors(self, count, patience):
        """Returns whether it has so many open in time."""
        deadline = time.monotonic() + patience
        while bench_clock.descriptors(self.pid) < count:
            if time.monotonic() > deadline or not self.runs():
                return False
            time.sleep(0.05)
        return True


class Processes:
    """All that run. Whoever leaves a scope has ended what was started in it."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []
        self.started = 0

    def start(self, name, command, core=None, stdin=subprocess.DEVNULL):
        self.started += 1
        log = self.folder / f"{name.replace('/', ' ')}-{self.started}.log"
        process = Process(command, log, core, stdin)
        self.running.append(process)
        return process

    def stop(self, process):
        """Ends it, and with it those that it has started: they are in its group."""
        signal_group(process, signal.SIGTERM)
        try:
            process.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        signal_group(process, signal.SIGKILL)
        process.popen.wait()
        if process.popen.stdin:
            process.popen.stdin.close()
        self.running.remove(process)

    @contextlib.contextmanager
    def scope(self):
        before = len(self.running)
        try:
            yield
        finally:
            # The last one first: a load before its server, which would wait for its clients.
            while len(self.running) > before:
                self.stop(self.running[-1])

    def pids(self):
        return [process.pid for process in self.running]


def signal_group(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
