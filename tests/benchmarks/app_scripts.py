"""The app's page scripts over big stores, with every answer computed anew: the server's part."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from evalharness.app.source import STORE_VARIABLE
from tests.app.opened import visited
from tests.benchmarks import large
from tests.benchmarks.large import TEN_MILLION, Size
from tests.benchmarks.report import Figure
from tests.benchmarks.synthetic import model_name

MILLION = Size(pictures=128)
ROUNDS = 5


def measure() -> list[Figure]:
    """The two stores one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        figures = []
        for name, size, bound in (("1M", MILLION, True), ("10M", TEN_MILLION, False)):
            figures += _scripts(large.build(Path(folder) / name, size).root, size, bound)
        return figures


def what(size: Size) -> str:
    """A store in words."""
    return (
        f"{size.scores:,} scores ({size.models} × {size.prompts:,} × {size.seeds} × {size.metrics})"
    )


def figure(what: str, asked: float, reached: float, how: str, *, bound: bool = True) -> Figure:
    """Seconds asked and reached; without `bound` they are reported only."""
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    wanted = f"≤ {asked:g} s" if bound else "reported"
    return Figure(what, wanted, f"{reached:.2f} s", reached <= asked or not bound, f"{how}; {load}")


def _scripts(store: Path, size: Size, bound: bool) -> list[Figure]:
    """The server's part alone: the page's script, with every answer computed anew."""
    os.environ[STORE_VARIABLE] = str(store)
    which = what(size)
    board = visited().run(timeout=120)
    filters = []
    for value in ("1", "2", "3"):
        board.selectbox(key="tag.style").set_value(value)
        filters.append(_seconds(lambda: board.run(timeout=120)))
    figures = [
        figure(
            f"leaderboard, rerun after a filter, {which}", 0.5, statistics.median(filters),
            "page script, three slices that nobody has seen, median", bound=bound,
        )
    ]  # fmt: skip
    if size.pictures:
        figures.append(_thumbnails(which))
    return figures


def _thumbnails(which: str) -> Figure:
    models = [model_name(number) for number in range(10)]
    pages = []
    for number in range(1, 2 + ROUNDS):
        gallery = visited("gallery")
        gallery.query_params["models"] = models
        gallery.query_params["length"] = "20"
        gallery.query_params["page"] = str(number)
        pages.append(_seconds(gallery.run))
        assert gallery.session_state["page"] == number
    return figure(
        f"gallery page of 200 thumbnails, {which}", 0.1, statistics.median(pages[1:]),
        f"page script of a new visitor, 20 prompts × 10 models, {ROUNDS} pages that nobody has "
        f"seen, median; the very first {pages[0]:.2f} s",
    )  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
