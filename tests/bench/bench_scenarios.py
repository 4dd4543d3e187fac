"""The scenarios by name. Each yields one result or more (see README.md for their form), or raises
CannotRun if this machine lacks the means for it."""

import bench_echo
import bench_http
import bench_instructions
import lab_build


def instructions(bench):
    kinds = bench_instructions.KINDS[:1] if bench.smoke else None
    yield bench_instructions.run(lab_build.BUILD, bench.progress, kinds)


SCENARIOS = {
    "hello": bench_http.hello,
    "pipeline": bench_http.pipeline,
    "connect": bench_http.connect,
    "files": bench_http.files,
    "idle": bench_http.idle,
    "threads": bench_http.threads,
    "echo": bench_echo.echo,
    "storm": bench_echo.storm,
    "dispatchers": bench_echo.dispatchers,
    "instructions": instructions,
}
