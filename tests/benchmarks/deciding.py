"""How long answers take: ranks, a board over ten million scores, FID's intervals, a choice."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.choose.choosing import choose
from evalharness.board.columns import metric_columns
from evalharness.board.influences import prompt_column
from evalharness.board.measured import count_statuses, falls_short, without_values
from evalharness.board.paired import paired_difference
from evalharness.board.prompt_scores import prompt_scores
from evalharness.board.ranks import rank_models
from evalharness.board.selection import select
from evalharness.board.set_features import SeenPictures
from evalharness.board.suites import find_suite
from evalharness.core.brief import Brief
from evalharness.core.outcomes import Status
from evalharness.ledger.published import connect
from evalharness.metrics.influence import INFLUENCES
from evalharness.metrics.reference import ReferenceRows
from tests.benchmarks import chosen, large
from tests.benchmarks.large import TEN_MILLION
from tests.benchmarks.report import Figure

if TYPE_CHECKING:
    import duckdb

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock and of processors, the least of some rounds, and the first by the clock.

    Where other work takes the processors' time, the clock says little.
    """

    wall: float
    cpu: float
    first: float

    @property
    def text(self) -> str:
        """For a report."""
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of processor time)"


def spent(work: Callable[[], object], rounds: int = ROUNDS) -> Spent:
    """Run some work some times, in this process."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Spent(min(walls), min(cpus), walls[0])


def measure() -> list[Figure]:
    """All four."""
    return [_ranks(), *_board(), _fid(), _choice()]


def _load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def _figure(what: str, asked: float, took: Spent, how: str) -> Figure:
    reached = min(took.wall, took.cpu) <= asked  # on a busy machine the clock says little
    return Figure(what, f"≤ {asked:g} s", took.text, reached, f"{how}; {_load()}")


def _ranks() -> Figure:
    rng = np.random.default_rng(0)
    means = np.linspace(0, 0.5, 50)[:, None] + rng.normal(size=1000) + rng.normal(size=(50, 1000))
    took = spent(lambda: rank_models(means, "higher"))
    how = f"2,000 bootstrap draws over all 1,225 pairs; best of {ROUNDS}"
    return _figure("rank intervals, 50 models × 1,000 prompts", 5.0, took, how)


def _fid() -> Figure:
    d, n = 512, 5000
    rng = np.random.default_rng(0)
    reference = ReferenceRows(rng.normal(size=(2 * n, d)).astype(np.float32))
    reference.moments()
    sets = [rng.normal(0.1, 1.0 + 0.1 * i, (n, d)).astype(np.float32) for i in range(2)]
    asked = tuple((str(i // 4), i % 4) for i in range(n))

    def difference() -> object:
        columns = [
            prompt_column("fid", INFLUENCES["fid"], SeenPictures(asked, ("",) * n, x), reference)
            for x in sets
        ]
        return paired_difference(columns[0].values, columns[1].values)

    how = f"both models' columns and the interval of their difference; best of {ROUNDS}"
    return _figure(f"FID influence intervals, d = {d}, n = {n:,}", 5.0, spent(difference), how)


def _choice() -> Figure:
    brief, features = Brief(words="soft watercolour", references=("./refs",)), chosen.features()
    with tempfile.TemporaryDirectory() as folder:
        connection = connect(chosen.build(Path(folder) / "store"))
        took = spent(lambda: choose(connection, chosen.SUITE, brief, features))
        connection.close()
    return _figure(
        f"choose, {chosen.MODELS} models × {chosen.PROMPTS} prompts × {chosen.REFERENCES} "
        "references, after embedding",
        3.0,
        took,
        f"words and references, vectors of 768 and 512; first {took.first:.2f} s, best of {ROUNDS}",
    )


def _board() -> list[Figure]:
    how = (
        f"{TEN_MILLION.models} models × {TEN_MILLION.prompts:,} prompts × {TEN_MILLION.seeds} "
        f"seeds × {TEN_MILLION.metrics} metrics in one suite; all that `leaderboard` reads, "
        "before ranking"
    )
    found = []
    with tempfile.TemporaryDirectory() as folder:
        store = large.build(Path(folder) / "store", TEN_MILLION)
        for metrics in (1, 10, TEN_MILLION.metrics):
            names = [large.metric(number) for number in range(metrics)]
            with connect(store) as connection:
                took = spent(partial(_read, connection, names))
            found.append(
                _figure(
                    f"leaderboard query over {TEN_MILLION.scores:,} scores, a board of {metrics} "
                    f"metric{'s' if metrics > 1 else ''}",
                    0.5,
                    took,
                    f"{how}; first on a new connection {took.first:.2f} s, best of {ROUNDS}",
                )
            )
    return found


def _read(connection: duckdb.DuckDBPyConnection, metrics: Sequence[str]) -> None:
    entry = find_suite(connection, large.SUITE)
    selection = select(connection, entry.digest)
    columns = metric_columns(connection, entry, metrics)
    statuses, _ = count_statuses(connection, selection)
    ok = [counts[Status.OK] for counts in statuses]
    names = [column.metric for column in columns]
    scores = prompt_scores(connection, selection, names)
    short = [name for name in names if falls_short(scores[name], ok)]
    without_values(connection, selection, short)
