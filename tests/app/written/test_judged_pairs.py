"""What judges said, on the compare page, as AppTest sees it."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import evalharness
from evalharness.app.compare import judged as judged_page
from evalharness.board.judged.stored import UNASKED, Heard, Order
from evalharness.cli.main import _application
from tests.app.opened import app, payloads, said
from tests.app.verdicts import WEIGHTS, say, subjects_of
from tests.written import HOSTILE, JUDGE

SIDES = {"suite": "written", "first": "poor", "second": "good", "by": "contains_target"}


def plain(test: Any) -> str:
    return said(test).replace("\\", "").replace("\u2060", "")


def table(test: Any) -> list[dict[str, Any]]:
    return [one for one in payloads(test, "sheet") if one["caption"] == "In a judge's eyes"]


def judge_lines(test: Any) -> list[list[str]]:
    lines = [shlex.split(code.value) for code in test.code]
    return [line for line in lines if line[:2] == ["evalharness", "judge"]]


def test_every_judge_has_a_row_of_the_seconds_shares(
    judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = table(app(judged, monkeypatch, "compare", SIDES))
    head = [one["text"] for one in found["head"]]
    assert head[:2] == ["judge", "good better"]
    assert {"at equal length", "both orders agree", "longer wins"} <= set(head)
    fair, hostile = sorted((row["cells"] for row in found["rows"]), key=lambda one: one[0] != JUDGE)
    assert fair[0] == JUDGE
    # "good" is right where it differs, but for targets that stand in neither answer
    assert fair[1].startswith("73 % [")
    assert fair[4].startswith("100 %")
    assert hostile[0] == HOSTILE
    assert hostile[7] == "4"  # prompts
    turned = {**SIDES, "first": "good", "second": "poor"}
    (found,) = table(app(judged, monkeypatch, "compare", turned))
    (fair,) = (row["cells"] for row in found["rows"] if row["cells"][0] == JUDGE)
    assert fair[1].startswith("27 % [")


def test_it_is_said_to_be_a_machine_and_what_it_did_not_judge(
    judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(judged, monkeypatch, "compare", SIDES)
    told = plain(test)
    assert "a machine's words" in told
    assert "never counted among" in told
    assert "6 contests unscored: not judged." in told
    assert "1 contest unscored: timeout: nobody there." in told
    (line,) = judge_lines(test)  # the fair judge has judged everything
    assert line[3] == HOSTILE


def test_a_judges_words_stand_with_the_pair_in_both_orders(
    judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(judged, monkeypatch, "compare", {**SIDES, "prompt": "translate"})
    (pair,) = payloads(test, "pair")
    (fair,) = pair["judged"]["judges"]
    assert fair["judge"] == JUDGE
    assert fair["verdict"] == "good is better, in both orders"
    assert [(one["shown"], one["verdict"], one["words"]) for one in fair["orders"]] == [
        ("poor as A, good as B", "good is better", "[[B]]"),
        ("good as A, poor as B", "good is better", "[[A]]"),
    ]
    assert "a machine's words" in pair["judged"]["note"]
    turned = {**SIDES, "first": "good", "second": "poor", "prompt": "translate"}
    (pair,) = payloads(app(judged, monkeypatch, "compare", turned), "pair")
    assert [one["words"] for one in pair["judged"]["judges"][0]["orders"]] == ["[[A]]", "[[B]]"]


def test_where_nobody_judged_the_command_that_does_it_is_told_and_does_it(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "a store"
    shutil.copytree(written, store)
    test = app(store, monkeypatch, "compare", SIDES)
    assert table(test) == []
    assert payloads(test, "pair")[0]["judged"] is None
    assert "No judge has held these two against each other." in plain(test)
    (line,) = judge_lines(test)
    command = [JUDGE if word == judged_page.ANY_JUDGE else word for word in line[1:]]
    assert command != line[1:]
    done = CliRunner().invoke(_application(command), command)
    assert done.exit_code == 0, done.output
    test = app(store, monkeypatch, "compare", SIDES)
    assert table(test)[0]["rows"][0]["cells"][0] == JUDGE
    assert judge_lines(test) == []


def test_takes_are_judged_under_the_names_that_the_page_gives_them(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    shutil.copytree(written, store)
    evalharness.run(
        prompts=written.parent / "written.jsonl", models=str(written.parent / "writers.yaml"),
        metrics=["contains_target"], seeds=[0], fresh=True, store=store,
    )  # fmt: skip
    same = {"suite": "written", "first": "poor@take1", "second": "poor@take2"}
    test = app(store, monkeypatch, "compare", same)
    assert (table(test), judge_lines(test)) == ([], [])  # identical answers have nothing to judge
    takes = {"suite": "written", "first": "poor@take1", "second": "good@take2"}
    (line,) = judge_lines(app(store, monkeypatch, "compare", takes))
    command = [JUDGE if word == judged_page.ANY_JUDGE else word for word in line[1:]]
    done = CliRunner().invoke(_application(command), command)
    assert done.exit_code == 0, done.output
    (found,) = table(app(store, monkeypatch, "compare", takes))
    assert found["head"][1]["text"] == "good@take2 better"
    assert found["rows"][0]["cells"][0] == JUDGE


def test_prompts_are_held_apart_by_a_judge(judged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by = f"judged better [{JUDGE}]"
    test = app(judged, monkeypatch, "compare", {**SIDES, "by": by})
    (listed,) = payloads(test, "pairs")
    assert len(listed["rows"]) == 11  # likelihoods are not judged
    told = [float(one["difference"].replace("−", "-")) for one in listed["rows"]]
    assert told == [-100.0] * 3 + [100.0] * 8
    (pair,) = payloads(test, "pair")
    (prompt,) = (one for one in listed["rows"] if one["text"] == pair["text"])
    together = pair["judged"]["judges"]
    verdict = next(one["verdict"] for one in together if one["judge"] == JUDGE)
    better = "good" if prompt["difference"].startswith("+") else "poor"
    assert verdict == f"{better} is better, in both orders"
    hostile = app(judged, monkeypatch, "compare", {**SIDES, "by": f"judged better [{HOSTILE}]"})
    assert len(payloads(hostile, "pairs")[0]["rows"]) == 4


def test_pictures_are_not_judged(judged: Path, open_app: Any) -> None:
    sides = {"suite": "tinyworld", "first": "painter-timid", "second": "painter-photo"}
    test = open_app("compare", **sides)
    assert (table(test), judge_lines(test)) == ([], [])
    assert payloads(test, "pair")[0]["judged"] is None


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        ((1.0, 1.0), "one is better, in both orders"),
        ((0.0, 0.0), "two is better, in both orders"),
        ((0.5, 0.5), "neither is better, in both orders"),
        ((1.0, 0.0), "the orders differ: a half for each"),
        ((1.0, 0.5), "the orders differ: a half for each"),
        ((1.0, None), "unscored: a verdict is missing"),
    ],
)
def test_what_two_orders_come_to(verdicts: tuple[float | None, ...], together: str) -> None:
    first, second = (UNASKED if one is None else Order(one, "words", "") for one in verdicts)
    found: Any = judged_page.payload([Heard(("J", "w", 1), (first, second))], ("one", "two"))
    (judge,) = found["judges"]
    assert judge["verdict"] == together
    assert judge["orders"][1]["problem"] == ("not judged" if verdicts[1] is None else "")


def test_judges_of_one_name_are_told_apart_by_their_weights() -> None:
    both = (UNASKED, UNASKED)
    heard = [Heard(("J", "sha256:aaaa", 1), both), Heard(("J", "sha256:bbbb", 1), both)]
    found: Any = judged_page.payload(heard, ("one", "two"))
    assert [one["judge"] for one in found["judges"]] == ["J (aaaa)", "J (bbbb)"]


OTHER = "sha256:fedcba9876543210"


@pytest.mark.parametrize(
    ("weights", "version", "older", "newer"),
    [
        (WEIGHTS, 2, "0123456789ab, version 1", "0123456789ab, version 2"),
        (OTHER, 1, "0123456789ab", "fedcba987654"),
    ],
)
def test_only_the_judge_that_would_be_asked_now_is_offered(
    judged: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    weights: str,
    version: int,
    older: str,
    newer: str,
) -> None:
    store = tmp_path / "store"
    shutil.copytree(judged, store)
    say(store, subjects_of(store, ("sum", "choice")), weights=weights, version=version, day=2)
    test = app(store, monkeypatch, "compare", SIDES)
    (found,) = table(test)
    names = [row["cells"][0] for row in found["rows"]]
    assert set(names) == {JUDGE, f"{HOSTILE} ({older})", f"{HOSTILE} ({newer})"}
    told = plain(test)
    assert f"({older}) has not judged all of it. It is an older version of this judge" in told
    assert f"({newer}) has not judged all of it. This asks the rest:" in told
    assert [line[3] for line in judge_lines(test)] == [HOSTILE]
    for name, prompts in ((older, 4), (newer, 2)):
        by = f"judged better [{HOSTILE} ({name})]"
        shown = app(store, monkeypatch, "compare", {**SIDES, "by": by})
        assert len(payloads(shown, "pairs")[0]["rows"]) == prompts


def test_a_judge_that_spoke_later_of_anything_is_the_newer_one(
    judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    shutil.copytree(judged, store)
    say(store, ["ab" * 32], weights=OTHER, day=2)
    test = app(store, monkeypatch, "compare", SIDES)
    assert {row["cells"][0] for row in table(test)[0]["rows"]} == {JUDGE, HOSTILE}
    assert "has not judged all of it. It is an older version of this judge" in plain(test)
    assert judge_lines(test) == []
