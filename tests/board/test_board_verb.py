from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from evalharness.cli.board_verb import command
from evalharness.core.errors import BadInputError

CLIP = "clip_score[tiny]"


@pytest.fixture
def board(bench, monkeypatch):
    """The verb, run on a store with two versions of a suite and two variants of a model."""
    bench.metric(CLIP)
    old = bench.suite(version=1, prompts=1, title="Old edition")
    new = bench.suite(version=2, prompts=2, title="New edition")
    for setting, width, prompts in ((1, 64, 2), (2, 20, 1)):
        bench.model("m", setting=setting, title="Model", width=width)
        for p in range(prompts):
            key = bench.job(new, "m", p, 0, setting=setting)
            bench.attempt(key)
            bench.score(key, 1.0)
    bench.job(old, "m", 0, 0)
    bench.publish().close()
    monkeypatch.setenv("COLUMNS", "200")

    application = typer.Typer()
    application.command()(command)

    def run(*arguments: str) -> str:
        asked = ["--store", str(bench.store.root), *arguments]
        result = CliRunner().invoke(application, asked)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run, old, new


def test_every_suite_is_printed_once_in_its_newest_version(board) -> None:
    run, old, _ = board
    shown = run("--format", "markdown")
    assert shown.count("## ") == 1 and "New edition (version 2)" in shown
    assert "Old edition (version 1)" in run(old, "--format", "markdown")
    assert "Old edition (version 1)" in run(old[:12], "--format", "markdown")


def test_all_variants_are_shown_when_asked_for(board) -> None:
    run, _, _ = board
    assert "width=" not in run()
    shown = run("--all-variants")
    assert "Model (width=64)" in shown and "Model (width=20)" in shown


@pytest.mark.parametrize("written", ["clip_score", "clip_score=", "=1", "clip_score=much"])
def test_a_weight_is_a_metric_and_a_number(bench, written: str) -> None:
    bench.suite()
    bench.publish().close()
    application = typer.Typer()
    application.command()(command)
    asked = ["--store", str(bench.store.root), "--weight", written]
    result = CliRunner().invoke(application, asked)
    assert isinstance(result.exception, BadInputError)
    assert "expected METRIC=NUMBER" in str(result.exception)


def test_a_store_without_suites_is_told_so(bench) -> None:
    bench.publish().close()
    application = typer.Typer()
    application.command()(command)
    result = CliRunner().invoke(application, ["--store", str(bench.store.root)])
    assert isinstance(result.exception, BadInputError)
    assert "no suites yet" in str(result.exception)
