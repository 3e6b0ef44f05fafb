"""The app in a browser over big stores: first paint, memory, visitors; and a run beside it."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml

from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from tests.app.served import serving
from tests.benchmarks import large
from tests.benchmarks.app_scripts import MILLION, ROUNDS, figure, what
from tests.benchmarks.large import TEN_MILLION, Size
from tests.benchmarks.report import Figure
from tests.browser import launched

VISITORS = 10
RUNS = 5


def measure() -> list[Figure]:
    """All of it; the two stores one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        figures = []
        for name, size, bound in (("1M", MILLION, True), ("10M", TEN_MILLION, False)):
            store = large.build(Path(folder) / name, size).root
            figures += _paints(store, size, bound)
        return [*figures, _slowdown(Path(folder))]


def _paints(store: Path, size: Size, bound: bool) -> list[Figure]:
    """In a browser, from the address to the table; the first visitor meets empty caches."""
    with serving(store) as (address, pid), launched() as chromium:
        _open(
            chromium, f"{address}/metrics", ".definitions details"
        )  # modules and Chromium are warm
        first = _open(chromium, address, ".board tbody tr")
        later = [_open(chromium, address, ".board tbody tr") for _ in range(ROUNDS)]
        together = _together(address)
        memory = psutil.Process(pid).memory_info().rss / 2**30
    which = what(size)
    return [
        figure(
            f"leaderboard's first paint over {which}", 2.5, statistics.median(later),
            f"Chromium, address to table, median of {ROUNDS} new visitors", bound=bound,
        ),
        figure(
            f"the same for the first visitor after a publication, {which}", 2.5, first,
            "nothing is cached: everything is read and ranked", bound=bound,
        ),
        figure(
            f"{VISITORS} browser sessions at once, leaderboard, {which}", 60, max(together),
            f"the slowest of {VISITORS}; on two cores that also run ten browsers", bound=False,
        ),
        Figure(
            f"server's memory after these visits, {which}", "≤ 1 GiB" if bound else "reported",
            f"{memory:.2f} GiB", memory <= 1 or not bound, "resident set",
        ),
    ]  # fmt: skip


def _open(chromium: Any, address: str, seen: str) -> float:
    """Seconds until a new visitor sees what was asked for."""
    page = chromium.new_context().new_page()
    page.set_default_timeout(120_000)
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(seen).first.wait_for()
    took = time.perf_counter() - started
    page.context.close()
    return took


def _together(address: str) -> list[float]:
    """Ten browsers, each in a thread of its own."""
    took: list[float] = []

    def visit() -> None:
        with launched() as chromium:
            took.append(_open(chromium, address, ".board tbody tr"))

    threads = [threading.Thread(target=visit) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == VISITORS
    return took


def _slowdown(folder: Path) -> Figure:
    """A run with and without visitors, in turns; its device works as a GPU's would: elsewhere."""
    pairs = []
    for number in range(RUNS):
        alone = _run(folder / f"alone-{number}")
        with _watched(folder / f"watched-{number}"):
            beside = _run(folder / f"watched-{number}")
        pairs.append(beside / alone)
    ratio = statistics.median(pairs)
    listed = ", ".join(f"{one:.3f}" for one in pairs)
    return Figure(
        "a run that writes while its pages are open: duration ÷ that of a run alone",
        "≤ 1.02 ×",
        f"{ratio:.3f} ×",
        ratio <= 1.02,
        f"120 pictures of 0.2 s each, leaderboard and runs page open, {RUNS} pairs in turns, "
        f"median; ratios: {listed}",
    )


def _run(store: Path) -> float:
    """Seconds from the first to the last output of a run of one painter, by its own record."""
    store.parent.mkdir(exist_ok=True)
    files = store.with_name(f"{store.name}-files")
    files.mkdir()
    suite = {
        "name": "paced",
        "prompts": [f"a {colour} ball, {n}" for n in range(15) for colour in ("red", "blue")],
        "seeds": 4,
        "metrics": ["latency"],
        "models": ["./paced.yaml"],
    }
    model = {"name": "paced", "backend": "painter", "options": {"latency_s": 0.2}}
    (files / "paced-suite.yaml").write_text(yaml.safe_dump(suite))
    (files / "paced.yaml").write_text(yaml.safe_dump([model]))
    command = [sys.executable, "-m", "evalharness", "run", str(files / "paced-suite.yaml")]
    subprocess.run([*command, "--store", str(store)], check=True, capture_output=True)
    with connect(Store.open(store)) as connection:
        [(first, last)] = connection.execute(
            "SELECT min(made_at), max(made_at) FROM attempts"
        ).fetchall()
    return float((last - first).total_seconds())


@contextmanager
def _watched(store: Path) -> Iterator[None]:
    with serving(store) as (address, _), launched() as chromium:
        pages = [chromium.new_context().new_page() for _ in range(2)]
        for page, path in zip(pages, ("/", "/runs"), strict=True):
            page.goto(address + path)
        yield
