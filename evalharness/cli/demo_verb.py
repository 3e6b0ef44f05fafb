"""`evalharness demo`."""

from __future__ import annotations

import time

from evalharness.board.leaderboard import leaderboard
from evalharness.cli.board_verb import print_board
from evalharness.cli.options import DEFAULT_STORE, StoreOption, asked
from evalharness.cli.output import show
from evalharness.core.errors import HarnessError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.report.writing import write_report
from evalharness.runner.reporting import say_report
from evalharness.runner.run import run_asked

SUITES = ["tinyworld", "tiny-lettering"]


def command(store: StoreOption = DEFAULT_STORE) -> None:
    """Compare small models that come with the package, from prompts to a leaderboard and a report.

    Six trained diffusion models and three programmed painters answer 64 prompts × 4 seeds;
    painters of lettering are read by OCR. Nothing is downloaded.
    """
    started = time.monotonic()
    report = run_asked("demo", store, asked(SUITES))
    say_report(report)
    if report.problems:
        problems = "; ".join(f"{name}: {reason}" for name, reason in report.problems.items())
        raise HarnessError(f"The demo could not be completed: {problems}")
    connection = connect(Store.open(store))
    for suite in SUITES:
        print_board(leaderboard(connection, suite))
    connection.close()
    page = write_report(store, store / "report.html", SUITES)
    where = "" if store == DEFAULT_STORE else f" --store {store}"
    show(
        f"\nDone in {time.monotonic() - started:.0f} s. Everything is in {store.absolute()}.\n"
        f"A report to read or send: {page.absolute()}\n"
        f"Look at the pictures:  evalharness app{where}   (or: make app)\n"
        f"The board again:       evalharness board{where}"
    )
