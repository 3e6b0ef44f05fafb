"""`evalharness score`."""

from __future__ import annotations

import typer

from evalharness.cli.main import EXIT_PROBLEMS
from evalharness.cli.options import (
    DEFAULT_STORE,
    AllowCodeOption,
    LimitOption,
    MetricsOption,
    ModelsOption,
    PromptsOption,
    SeedsOption,
    SettingOption,
    StoreOption,
    SuitesArgument,
    asked,
)
from evalharness.runner.reporting import say_report
from evalharness.runner.run import run_asked


def command(
    suites: SuitesArgument = None,
    prompts: PromptsOption = None,
    models: ModelsOption = "",
    metrics: MetricsOption = "",
    seeds: SeedsOption = "",
    settings: SettingOption = None,
    limit: LimitOption = None,
    allow_code_execution: AllowCodeOption = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Look at and score what was generated before; no generator is loaded."""
    question = asked(
        suites,
        prompts,
        models,
        metrics,
        seeds,
        settings,
        limit,
        allow_code_execution=allow_code_execution,
    )
    report = run_asked("score", store, question, generating=False)
    say_report(report)
    if report.problems:
        raise typer.Exit(EXIT_PROBLEMS)
