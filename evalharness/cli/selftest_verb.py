"""`evalharness selftest`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.catalog.verification import needs_verifying, record_file
from evalharness.cli.output import show
from evalharness.runner.selftest import Verdict, chosen_instruments, selftest


def command(
    instruments: Annotated[
        list[str] | None, typer.Argument(help="Instruments to try; without any, all that fit.")
    ] = None,
    weights: Annotated[
        bool,
        typer.Option(
            "--weights", help="Try those with published weights, downloading what is not here."
        ),
    ] = False,
) -> None:
    """Try instruments through their real loading path against what they are known to say.

    Without --weights, those whose weights come with the package. Published weights that pass lose
    the mark `unverified` on boards and in lists.
    """
    verdicts = selftest(chosen_instruments(instruments or (), weights=weights), _tell)
    passed = [verdict for verdict in verdicts if verdict.passed]
    show(f"\n{len(passed)} of {len(verdicts)} instruments passed.")
    if any(verdict.verified for verdict in verdicts):
        show(f"Recorded in {record_file()}.")
    if len(passed) < len(verdicts):
        raise typer.Exit(1)


def _tell(verdict: Verdict) -> None:
    name = verdict.instrument.name
    if verdict.problem:
        show(f"✗ {name}: not tried to the end: {verdict.problem}")
    else:
        show(f"{'✓' if verdict.passed else '✗'} {name}")
    for check in verdict.checks:
        show(f"  {'✓' if check.passed else '✗'} {check.what}: {check.found}")
    if verdict.passed and needs_verifying(verdict.instrument) and not verdict.verified:
        show("  no published number is known of it, so it stays unverified")
