"""Clocks: how much CPU time a server has used, and how much was used by others.

Time on the wall says little on a machine that is shared; the CPU clock of a process goes on only
while that process runs. /proc/PID/stat has it too, but in ticks of 10 ms.
"""

import ctypes
import os
import resource
import time
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)


def cpu_ns(pid):
    """CPU time that all threads of a process have used so far; 0 if it is gone."""
    clock = ctypes.c_int()
    if LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)) != 0:
        return 0
    try:
        return time.clock_gettime_ns(clock.value)
    except OSError:  # it has ended since
        return 0


def parents():
    """The parent of every process, by pid."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text(errors="replace")
            except OSError:  # it has ended since
                continue
            # The name, in parentheses, may hold anything: what follows the last one counts.
            found[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    return found


def trees_of(pids):
    """The processes and their descendants: a server may have workers."""
    parent_of = parents()
    tree = list(pids)
    for known in tree:  # it grows while we walk it
        tree += [child for child, parent in parent_of.items() if parent == known]
    return tree


def tree_cpu_ns(*pids):
    return sum(map(cpu_ns, trees_of(pids)))


def anonymous_bytes(pid):
    """User memory of a process and its descendants that is no file's: heap and stacks."""
    total = 0
    for member in trees_of([pid]):
        for line in Path(f"/proc/{member}/status").read_text(errors="replace").splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1]) * 1024
    return total


def descriptors(pid):
    """How many descriptors a process and its descendants have open."""
    return sum(len(os.listdir(f"/proc/{member}/fd")) for member in trees_of([pid]))


def busy_seconds(text, ticks_per_second):
    """CPU time that programs have used on all cores, from the text of /proc/stat.

    Interrupts are left out: whose they are is not known, and under load most of them are ours. Time
    that the host took for other machines ("steal") counts: it disturbs just as much.
    """
    user, nice, system, _, _, _, _, steal = map(int, text.split()[1:9])
    return (user + nice + system + steal) / ticks_per_second


def own_seconds(pids):
    """CPU time of this process, of its children that have ended, and of those that run (pids)."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = tree_cpu_ns(*pids) / 1e9
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


def machine_reader(running_pids):
    """Returns the reader of a ForeignLoad: seconds used by all, by us, and on the wall."""

    def read():
        text = Path("/proc/stat").read_text()
        busy = busy_seconds(text, os.sysconf("SC_CLK_TCK"))
        return busy, own_seconds(running_pids()), time.monotonic()

    return read


class ForeignLoad:
    """What others used of the machine's cores between start and share, as a part of one core."""

    LIMIT = 0.15

    def __init__(self, read):
        self.read = read
        self.before = read()

    def start(self):
        self.before = self.read()

    def share(self):
        busy, own, now = (after - before for after, before in zip(self.read(), self.before))
        # The two clocks are not read at the same moment, and one of them has coarse ticks.
        return max(0.0, busy - own) / now if now > 0 else 0.0

    def wait_for_quiet(self, sleep, tries=10):
        """Returns the last share that was seen: the first below the limit, if there was one."""
        for _ in range(tries):
            self.start()
            sleep(1)
            share = self.share()
            if share <= self.LIMIT:
                break
        return share
