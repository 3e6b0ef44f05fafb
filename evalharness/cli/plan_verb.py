"""`evalharness plan`."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from evalharness.cli.options import (
    DEFAULT_STORE,
    AllowCodeOption,
    FreshOption,
    LimitOption,
    MetricsOption,
    ModelsOption,
    PromptIdsOption,
    PromptsOption,
    RetryOption,
    SeedsOption,
    SettingOption,
    StoreOption,
    SuitesArgument,
    asked,
)
from evalharness.cli.output import show, table
from evalharness.core.errors import StoreError
from evalharness.ledger.store import Store
from evalharness.runner.known import Known
from evalharness.runner.looking import find_sights, missing_looks, told
from evalharness.runner.plan import ModelPlan, SuitePlan


def command(
    suites: SuitesArgument = None,
    prompts: PromptsOption = None,
    models: ModelsOption = "",
    metrics: MetricsOption = "",
    seeds: SeedsOption = "",
    settings: SettingOption = None,
    limit: LimitOption = None,
    prompt_ids: PromptIdsOption = None,
    fresh: FreshOption = False,
    retry: RetryOption = "",
    allow_code_execution: AllowCodeOption = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Say what `run` would do with the same options; nothing is written or downloaded."""
    question = asked(
        suites,
        prompts,
        models,
        metrics,
        seeds,
        settings,
        limit,
        fresh,
        retry,
        prompt_ids,
        allow_code_execution,
    )
    questions = question.questions()
    known = _known(store)
    plans = [each.plan(known) for each in questions]
    for plan in plans:
        show(_table(plan))
    sights = find_sights(plans, fetching=False, executing=allow_code_execution)
    outputs = known.finished_outputs([key for plan in plans for key in plan.job_keys()])
    for want in missing_looks(plans, sights, outputs, known):
        download = want.look.resolution.download_bytes
        fetch = f", download {_size(download)}" if download else ""
        show(f"{want.look.instrument.name}: {told([want])} to look at{fetch}")
    problems = dict(sights.problems)
    for plan in plans:
        problems.update(plan.unusable)
    for name, reason in problems.items():
        show(f"{name}: {reason}")
    known.close()


def _known(store: Path) -> Known:
    """What the store knows; a store that does not exist yet knows nothing."""
    try:
        return Known(Store.open(store))
    except StoreError:
        if store.exists() and any(store.iterdir()):
            raise
        return Known(Store(store.absolute()))


def _table(plan: SuitePlan) -> Table:
    suite = plan.suite
    shape = f"{len(suite.prompts)} prompts × {len(suite.seeds)} seeds, {suite.protocol}"
    numbers = ("outputs", "done", "to do", "given up", "download", "time")
    rows = table(
        *("model", "revision", *numbers),
        title=f"{suite.name} v{suite.version}: {shape}",
        right=frozenset(numbers),
    )
    for model in plan.models:
        rows.add_row(*_cells(model))
    return rows


def _cells(model: ModelPlan) -> list[str]:
    unique = len({job.key for _, job in model.jobs})
    to_do = len(model.missing)
    return [
        model.model.name,
        model.resolution.revision[:19],
        str(unique),
        str(unique - to_do - model.exhausted),
        str(to_do),
        str(model.exhausted),
        _size(model.resolution.download_bytes) if model.resolution.location is None else "–",
        _duration(model.estimate_s) if to_do else "–",
    ]


def _size(count: int | None) -> str:
    return "unknown" if count is None else f"{count / 1e9:.2f} GB"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
