"""The Python API: run suites, boards, votes, judges, comparisons, profiles, reports, choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalharness.board import compare as comparing
from evalharness.board import leaderboard as boards
from evalharness.board import profile as profiles
from evalharness.board.suites import find_suite
from evalharness.board.tables import to_frame
from evalharness.board.vote_board import VoteBoard, vote_board
from evalharness.catalog.briefs import load_brief
from evalharness.core.nouns import Json, Settings
from evalharness.deciding.choosing import answer_brief
from evalharness.deciding.judging import judge_models
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.report import writing
from evalharness.report.writing import SHOWN_PROMPTS
from evalharness.runner.asked import Asked
from evalharness.runner.plan import Choices, read_statuses
from evalharness.runner.run import RunReport, run_asked
from evalharness.runner.session import DEADLINE_S

if TYPE_CHECKING:
    import pandas as pd

    from evalharness.board.choose.recommendation import Recommendation
    from evalharness.board.compare import Comparison
    from evalharness.board.judged.judgement import Judgement
    from evalharness.board.profile import Profile


def run(
    suites: str | Sequence[str] = (),
    *,
    prompts: str | Path | None = None,
    models: str | Sequence[str] = (),
    metrics: Sequence[str] = (),
    seeds: Sequence[int] = (),
    settings: Settings | None = None,
    limit: int | None = None,
    prompt_ids: Sequence[str] = (),
    fresh: bool = False,
    retry: Sequence[str] = (),
    allow_code_execution: bool = False,
    store: str | Path = "results",
    timeout_s: float = DEADLINE_S,
) -> RunReport:
    """Generate what is missing, look at it, score it; the same as `evalharness run`.

    `suites` are names or YAML files, `prompts` a .txt or .jsonl file instead. `models` (names,
    YAML files or `BACKEND:SOURCE` strings) default to the suites' own. `settings` override
    every model's, `limit` keeps the first N prompts,
    `prompt_ids` those named, `fresh` makes a new take, `retry` names
    statuses to try again, `timeout_s` is how long one batch may take. Programs that models wrote
    are run (in a sandbox) only with `allow_code_execution`. Raises HarnessError for
    wrong input; models that cannot run are in the report's `problems`.
    """
    choices = Choices(
        settings or {},
        limit,
        fresh,
        read_statuses(retry),
        tuple(prompt_ids),
        allow_code_execution,
    )
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
    weights: Mapping[str, float] | None = None,
    common: bool = False,
    store: str | Path = "results",
) -> pd.DataFrame:
    """The leaderboard of a suite: one row per model, per metric its value, interval, n and tie.

    `where` keeps the prompts that carry all these tags; `weights` by metric put a composite first,
    in standard deviations within prompts; `common` keeps the prompts that all models answered.
    Raises StoreError where there is no store,
    UnknownNameError for a suite, tag or metric that is not in it, BadInputError for other weights
    than numbers above 0.
    """
    connection = connect(Store.open(store))
    try:
        return to_frame(
            boards.leaderboard(connection, suite, where, metrics, weights=weights, common=common)
        )
    finally:
        connection.close()


def compare(
    suite: str,
    first: str,
    second: str,
    *,
    where: Mapping[str, str] | None = None,
    metrics: Sequence[str] | None = None,
    by: str | None = None,
    store: str | Path = "results",
) -> Comparison:
    """Two models, takes or runs on their common prompts; the same as `evalharness compare`.

    `first` and `second` are MODEL, MODEL@take1 or MODEL@run:RUN; every difference is second minus
    first. Raises StoreError where there is no store, UnknownNameError for what is not in it,
    BadInputError for twice the same side.
    """
    connection = connect(Store.open(store))
    try:
        entry = find_suite(connection, suite)
        sides = (comparing.read_side(written, entry.models) for written in (first, second))
        return comparing.compare(
            connection, entry.digest, *sides, where=where, metrics=metrics, by=by
        )
    finally:
        connection.close()


def judge(
    suite: str,
    judge: str,
    *,
    models: Sequence[str] | None = None,
    where: Mapping[str, str] | None = None,
    store: str | Path = "results",
    timeout_s: float = DEADLINE_S,
) -> Judgement:
    """A judge's verdicts on every two models' text answers; the same as `evalharness judge`.

    `judge` is an instrument such as `judge:org/model`; what it judged before is read back. `models`
    may be takes and runs (`MODEL@take1`, `MODEL@run:RUN`). Raises StoreError where there is no
    store, UnknownNameError for what is not in it, BadInputError for an instrument that does not
    judge and where no two of them answered the same.
    """
    return judge_models(
        suite, judge, models=models, where=where, store=Path(store), deadline_s=timeout_s
    )


def votes(
    suite: str,
    *,
    where: Mapping[str, str] | None = None,
    models: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    store: str | Path = "results",
) -> VoteBoard:
    """What blind votes say of models, and how far metrics agree; the same as `evalharness votes`.

    Raises StoreError where there is no store, UnknownNameError for what is not in it.
    """
    connection = connect(Store.open(store))
    try:
        board = boards.leaderboard(connection, suite, where, metrics, models=models)
        return vote_board(connection, board)
    finally:
        connection.close()


def profile(suite: str, model: str, *, store: str | Path = "results") -> Profile:
    """What a model is like by one suite; the same as `evalharness show`.

    Raises StoreError where there is no store, UnknownNameError for a suite or model not in it.
    """
    connection = connect(Store.open(store))
    try:
        return profiles.profile(connection, suite, model)
    finally:
        connection.close()


def write_report(
    output: str | Path = "report.html",
    suites: str | Sequence[str] = (),
    *,
    compared: tuple[str, str] | None = None,
    prompts: int = SHOWN_PROMPTS,
    store: str | Path = "results",
) -> Path:
    """One self-contained HTML (or .md) file of a store; the same as `evalharness report`.

    `suites` default to all of the store, `compared` to the first two models of each board;
    `prompts` of each suite are shown with pictures. Raises HarnessError for wrong input.
    """
    return writing.write_report(
        Path(store), Path(output), _several(suites), compared=compared, prompts=prompts
    )


def choose(
    suite: str | None = None,
    *,
    words: str = "",
    references: str | Path | Sequence[str | Path] = (),
    prompts: str | Path | None = None,
    models: str | Sequence[str] = (),
    limits: Mapping[str, Json] | None = None,
    weights: Mapping[str, float] | None = None,
    brief: str | Path | None = None,
    run_first: bool = False,
    style_by: str = "",
    words_by: str = "",
    store: str | Path = "results",
) -> Recommendation:
    """Which model of a suite fits a look and its limits; the same as `evalharness choose`.

    `references` are folders of pictures or picture files; `limits` and `weights` have the names of
    a brief file's, and win over those in `brief` (a YAML file). Raises HarnessError for wrong
    input and where nothing can be compared; doubts are in the answer's `verdict` and `why`.
    """
    listed = (references,) if isinstance(references, str | Path) else tuple(references)
    given: dict[str, Json] = {
        "words": words or None,
        "references": [str(path) for path in listed] or None,
        "prompts": None if prompts is None else str(prompts),
        "models": list(_several(models)) or None,
        "limits": dict(limits or {}) or None,
        "weights": dict[str, Json](weights or {}) or None,
    }
    asked = load_brief(None if brief is None else Path(brief), given)
    return answer_brief(
        asked,
        suite,
        run_first=run_first,
        style_by=style_by,
        words_by=words_by,
        store=Path(store),
    )


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
