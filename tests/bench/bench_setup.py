"""What all scenarios share: the programs, the cores, the folder, what was noted on the way."""

import contextlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_clock
import bench_peers
import bench_processes
import bench_servers
import lab_build

STAGES = {f"stage{n}": f"{room}/{room}" for n, room in enumerate(lab_build.ROOMS) if n}
# Those that Meson has built with what it found; the scenarios say what they miss.
OTHERS = ("floor", "load", "counted_server", "burning_server", "libevent_server")
ENOUGH_DESCRIPTORS = 65536


class Bench:
    """One run of ./lab bench."""

    def __init__(self, folder, programs, options, progress):
        self.folder = Path(folder)
        self.root = self.folder / "root"
        bench_servers.make_files(self.root)
        self.programs = programs
        self.smoke = options.smoke
        self.anyway = options.anyway or options.smoke
        self.rounds = 1 if options.smoke else options.rounds
        self.warm_up = 0.05 if options.smoke else 0.2  # seconds
        self.wrk = bench_peers.find_program("wrk")
        self.strace = bench_peers.find_program("strace")
        self.peers = [*bench_peers.installed_peers(programs), *options.peer]
        self.progress = progress
        self.processes = bench_processes.Processes(self.folder)
        self.foreign = bench_clock.ForeignLoad(bench_clock.machine_reader(self.processes.pids))
        allowed = os.sched_getaffinity(0)
        self.cores = len(allowed)
        cores = bench_processes.choose_cores(allowed, bench_processes.siblings)
        self.server_core, self.load_core = cores
        self.descriptors = raise_descriptor_limit()
        self.repeats_left = 0
        self.notes = []
        self.lost = []

    def seconds(self, usual):
        return 0.05 if self.smoke else usual

    def many(self, usual):
        """How many idle connections there are to be; a server and the load have each as many."""
        count = 100 if self.smoke else usual
        if count + 200 > self.descriptors:
            raise bench_servers.CannotRun(
                f"{count:,} connections are more than the {self.descriptors:,} descriptors"
                " that a process may have here (ulimit -n)"
            )
        return count

    def note(self, text):
        self.progress(None)
        print(f"lab: {text}", file=sys.stderr, flush=True)
        self.notes.append(str(text))

    def peer_names(self):
        return {peer.name for peer in self.peers}

    def leave_out(self, name, problem):
        self.lost.append(name)
        self.note(f"left out: {problem}")


def raise_descriptor_limit():
    """For this process and those it starts: enough if that is allowed, as many as may be if not."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for soft, most in ((ENOUGH_DESCRIPTORS, max(ENOUGH_DESCRIPTORS, hard)), (hard, hard)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
            return soft
    return hard


class Progress:
    """One line that is always written anew on a terminal; elsewhere a line a scenario."""

    def __init__(self, stream):
        self.stream = stream
        self.terminal = stream.isatty()
        self.scenario = None

    def __call__(self, text):
        """Shows what is being done; None: something else is about to be printed."""
        if self.terminal:
            shown = f"{self.scenario}: {text}" if self.scenario and text else text or ""
            print(f"\r\033[K{shown}", end="", file=self.stream, flush=True)

    def begin(self, scenario):
        self.scenario = scenario
        if self.terminal:
            self("starting…")
        else:
            print(f"{scenario}…", file=self.stream, flush=True)


def build_programs():
    """Builds what is to be started; returns the programs by name."""
    lab_build.build(lab_build.BUILD, ["build.ninja"])  # as the Meson files are now
    text = (lab_build.BUILD / "meson-info" / "intro-targets.json").read_text()
    known = {target["name"] for target in json.loads(text)}
    programs = dict(STAGES)
    programs.update({name: f"tests/bench/{name}" for name in OTHERS if name in known})
    lab_build.build(lab_build.BUILD, list(programs.values()))
    return {name: lab_build.BUILD / path for name, path in programs.items()}


def first_line(command):
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return (ended.stdout + ended.stderr).strip().partition("\n")[0]


def describe_machine(bench):
    cpu = platform.machine()
    for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    targets = json.loads((lab_build.BUILD / "meson-info" / "intro-targets.json").read_text())
    compiler = targets[0]["target_sources"][0]["compiler"]
    load = "tests/bench/load"
    if bench.wrk:
        wrk = " ".join(first_line([bench.wrk, "-v"]).split()[:2])
        load = f"{wrk}; for echo, idle connections and storms {load}"
    return {
        "cpu": cpu,
        "cores": bench.cores,
        "kernel": f"{platform.system()} {platform.release()}",
        "compiler": first_line([*compiler, "--version"]),
        "load": load,
    }


@contextlib.contextmanager
def opened(options):
    """Builds, and clears everything away afterwards: processes first, then their files."""
    programs = build_programs()
    with tempfile.TemporaryDirectory(prefix="reactor-lab-bench-") as folder:
        bench = Bench(folder, programs, options, Progress(sys.stderr))
        with bench.processes.scope():
            yield bench
