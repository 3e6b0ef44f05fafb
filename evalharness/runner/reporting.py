"""What `run`, `score` and `demo` say when they are done."""

from __future__ import annotations

from rich.console import Console

from evalharness.core.outcomes import Status
from evalharness.runner.run import RunReport


def say(line: str) -> None:
    """One line on standard error, literally."""
    Console(stderr=True).print(line, markup=False, highlight=False, soft_wrap=True)


def say_report(report: RunReport) -> None:
    """One line of numbers and a line per problem, on standard error."""
    console = Console(stderr=True)
    statuses = ", ".join(f"{n} {s}" for s, n in sorted(report.statuses.items()) if s != Status.OK)
    console.print(
        f"{report.generated} outputs generated{f' ({statuses})' if statuses else ''}, "
        f"{report.features} subjects looked at, {report.scores} scores, {report.seconds:.1f} s "
        f"(run {report.run})",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for name, reason in report.problems.items():
        console.print(f"{name}: {reason}", style="yellow", markup=False, soft_wrap=True)
