"""./lab doctor: what this machine has for the course, what it lacks, and how to get that.

The script ./lab knows the tools and their packages; it pipes what it found to here, a line each:
    needed|full|optional  yes|no  NAME  PACKAGES  WORDS
"""

import os
import platform
import re
import resource
import shutil
import subprocess
import sys

from lab_build import BUILD, is_usable
from lab_compile import has_variant
from lab_terminal import fold, paint

VERSION_COMMANDS = {
    "compiler": ["cc", "--version"],
    "check": ["pkg-config", "--modversion", "check"],
    "ip": ["ip", "-V"],
    "ab": ["ab", "-V"],
    "haproxy": ["haproxy", "-v"],
    "nginx": ["nginx", "-v"],
    "nc": None,  # it has no way to ask
    "http-parser": None,
}
PURPOSES = {
    "needed": "needed for everything",
    "full": "for ./lab test --full, and for the chapters' experiments",
    "optional": "for single tests, which are skipped without; only CI installs them",
}
FEWEST_DESCRIPTORS = 20_000  # the benchmark with 10,000 idle connections
OLDEST_KERNEL = (5, 10)


def version_of(name):
    command = VERSION_COMMANDS.get(name, [name, "--version"])
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    program = shutil.which(command[0], path=path) if command else None
    if not program:
        return ""
    ended = subprocess.run(
        [program, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    found = re.search(r"\d+(?:\.\d+)+", ended.stdout)
    return found[0] if found else ""


def print_tools(group, lines):
    print(paint(PURPOSES[group], "bold"))
    for _, there, name, _, words in lines:
        if there == "yes":
            print(f"  {paint('✓', 'green')} {words} {paint(version_of(name), 'faint')}".rstrip())
        else:
            print(f"  {paint('✗', 'red' if group == 'needed' else 'yellow')} {words}")
    packages = " ".join(packages for _, there, _, packages, _ in lines if there == "no")
    if packages:
        print(fold(f"to get what is missing, install: {packages}", "  ", "    "))
    return packages


def limits():
    """Yields what this machine is and allows, and what is wrong with it ("" if nothing)."""
    kernel = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    yield f"Linux {platform.release()}", "" if kernel >= OLDEST_KERNEL else "5.10 or newer is needed"
    cpus = len(os.sched_getaffinity(0))
    yield f"{cpus} CPU{'s' if cpus > 1 else ''} for this process", ""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 0 <= most < FEWEST_DESCRIPTORS
    words = "as many as you like" if most == resource.RLIM_INFINITY else f"{most}"
    yield f"descriptors a process may have: {words}", (
        f"./lab bench idle wants {FEWEST_DESCRIPTORS}: raise LimitNOFILE or /etc/security/limits.conf"
        if few else ""
    )
    if is_usable(BUILD):
        for variant in ("address", "thread"):
            lacking = "./lab check does without; the compiler has a package for it"
            yield f"{variant} sanitizer of the compiler", "" if has_variant(variant) else lacking
    else:
        yield f"a build folder in {BUILD.name}/", "not yet; ./lab serve makes it"


def doctor(arguments):
    """doctor"""
    found = [line.rstrip("\n").split("\t") for line in sys.stdin]
    missing = {}
    for group in PURPOSES:
        missing[group] = print_tools(group, [line for line in found if line[0] == group])
    print(paint("this machine", "bold"))
    for words, wrong in limits():
        sign = paint("!", "yellow") if wrong else paint("✓", "green")
        print(fold(f"{words}{': ' + wrong if wrong else ''}", f"  {sign} ", "      "))
    if missing["needed"]:
        print("\n./lab serve installs what is needed, after asking.")
        return 1
    print("\nAll that the course needs is here. Go on with:\n  ./lab")
    return 0
