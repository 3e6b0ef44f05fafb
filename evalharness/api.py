"""The Python API: run suites and read leaderboards as DataFrames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalharness.board import leaderboard as boards
from evalharness.board.tables import to_frame
from evalharness.core.nouns import Settings
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.plan import Choices, read_statuses
from evalharness.runner.run import RunReport, run_asked
from evalharness.runner.session import DEADLINE_S

if TYPE_CHECKING:
    import pandas as pd


def run(
    suites: str | Sequence[str] = (),
    *,
    prompts: str | Path | None = None,
    models: str | Sequence[str] = (),
    metrics: Sequence[str] = (),
    seeds: Sequence[int] = (),
    settings: Settings | None = None,
    limit: int | None = None,
    fresh: bool = False,
    retry: Sequence[str] = (),
    store: str | Path = "results",
    timeout_s: float = DEADLINE_S,
) -> RunReport:
    """Generate what is missing, look at it, score it; the same as `evalharness run`.

    `suites` are names or YAML files, `prompts` a .txt or .jsonl file instead. `models` (names,
    YAML files or `BACKEND:SOURCE` strings) default to the suites' own. `settings` override
    every model's, `limit` keeps the first N prompts, `fresh` makes a new take, `retry` names
    statuses to try again, `timeout_s` is how long one batch may take. Raises HarnessError for
    wrong input; models that cannot run are in the report's `problems`.
    """
    choices = Choices(settings or {}, limit, fresh, read_statuses(retry))
    asked = Asked(
        suites=_several(suites),
        prompts=None if prompts is None else Path(prompts),
        models=_several(models),
        metrics=tuple(metrics),
        seeds=tuple(seeds),
        choices=choices,
    )
    return run_asked("api", Path(store), asked, deadline_s=timeout_s)


def leaderboard(
    suite: str,
    *,
    where: Mapping[str, str] | None = None,
    metrics: Sequence[str] | None = None,
    store: str | Path = "results",
) -> pd.DataFrame:
    """The leaderboard of a suite: one row per model, per metric its value, interval, n and tie.

    `where` keeps the prompts that carry all these tags. Raises StoreError where there is no
    store, UnknownNameError for a suite, tag or metric that is not in it.
    """
    connection = connect(Store.open(store))
    try:
        return to_frame(boards.leaderboard(connection, suite, where, metrics))
    finally:
        connection.close()


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
