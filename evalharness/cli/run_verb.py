"""`evalharness run`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.cli.main import EXIT_PROBLEMS
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
from evalharness.cli.troubles import nothing_came, say_troubles
from evalharness.runner.reporting import say_report
from evalharness.runner.run import run_asked
from evalharness.runner.session import DEADLINE_S


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
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds one batch may take.")
    ] = DEADLINE_S,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Generate what is missing, look at it, score it. What exists is never made again."""
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
    report = run_asked("run", store, question, deadline_s=timeout)
    say_report(report)
    say_troubles(store, report)
    if report.problems or nothing_came(report):
        raise typer.Exit(EXIT_PROBLEMS)
