from __future__ import annotations

import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from rich.console import Console

from evalharness.board.compare import Comparison, Side, compare, read_side
from evalharness.board.compare.differences import MEASURED_BY_BATCH, ONE_TAKE_ONLY
from evalharness.board.compare.tables import sheets
from evalharness.board.leaderboard import leaderboard
from evalharness.board.multiple import holm
from evalharness.board.paired import paired_difference
from evalharness.board.sheets import to_json, to_markdown, to_rich
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.ledger.rows import JsonText
from tests.board.conftest import Bench
from tests.board.test_board_influences import PROMPTS, lay_out, paint, refer

CLIP = "clip_score[tiny]"
PLACES = [(prompt, seed) for prompt in range(12) for seed in (0, 1)]
A, B = Side("a"), Side("b")


def values(
    shift: Callable[[int], float], seed: int, prompts: int = 12
) -> dict[tuple[int, int], float]:
    rng = np.random.default_rng(seed)
    places = [(p, s) for p in range(prompts) for s in (0, 1)]
    return {(p, s): p + shift(p) + rng.normal(scale=0.1) for p, s in places}


def two_models(
    bench: Bench, shift: Callable[[int], float] = lambda p: 1.0, prompts: int = 12
) -> str:
    suite = bench.suite(prompts=prompts)
    bench.metric(CLIP)
    for name, moved, seed in (("a", lambda p: 0.0, 1), ("b", shift, 2)):
        bench.model(name)
        bench.scored(suite, name, values(moved, seed, prompts), CLIP)
    return suite


def made_take(
    bench: Bench, suite: str, take: int, value: float, content: Callable[[int], object]
) -> None:
    for prompt, seed in PLACES:
        key = bench.job(suite, "a", prompt, seed)
        bench.attempt(key, take=take)
        bench.artifact(key, take=take, content=content(prompt))
        bench.score(key, value + prompt, CLIP, take=take)


def two_takes(bench: Bench, content: Callable[[int, int], object], second: float = 0.0) -> str:
    suite = bench.suite()
    bench.metric(CLIP)
    bench.model("a")
    for take, value in ((1, 0.0), (2, second)):
        bench.run = f"run-{take}"
        made_take(bench, suite, take, value, lambda prompt, take=take: content(prompt, take))
    return suite


def text_of(found: Comparison) -> str:
    console = Console(width=220)
    with console.capture() as captured:
        console.print(to_rich(sheets(found)))
    return captured.get()


def test_the_difference_is_second_minus_first_over_prompts_with_seeds_inside(bench: Bench) -> None:
    two_models(bench)
    connection = bench.publish()
    (one,) = compare(connection, "tiny", A, B).metrics
    a, b = (
        np.array([np.mean([v[p, s] for s in (0, 1)]) for p in range(12)])
        for v in (values(lambda p: 0.0, 1), values(lambda p: 1.0, 2))
    )
    assert one.paired == paired_difference(a, b)
    assert (one.first, one.second) == (pytest.approx(a.mean()), pytest.approx(b.mean()))
    assert one.better == "second" and one.paired.prompts == 12
    back = compare(connection, "tiny", B, A).metrics[0]
    assert back.better == "first"
    assert back.paired.difference == pytest.approx(-one.paired.difference)


def test_several_metrics_are_adjusted_by_holm_and_slices_by_benjamini_hochberg(
    bench: Bench,
) -> None:
    suite = two_models(bench, lambda p: 1.0 if p % 2 else 0.0, prompts=24)
    bench.metric("other", direction="lower")
    for name, seed in (("a", 3), ("b", 4)):
        for place, value in values(lambda p: 0.0, seed, 24).items():
            bench.score(bench.job(suite, name, *place), value, "other")
    found = compare(bench.publish(), "tiny", A, B)
    clip, other = found.metrics
    assert clip.adjusted == pytest.approx(2 * clip.paired.p)
    assert other.better == "" and other.adjusted >= other.paired.p
    by_place = {(s.tag, s.value, s.metric): s for s in found.slices}
    assert by_place["style", "photo", CLIP].better == "second"
    assert by_place["style", "pixel", CLIP].better == ""
    assert len(found.slices) == 8
    assert all(s.adjusted >= s.paired.p for s in found.slices)


def test_the_prompts_that_differ_most_are_told_both_ways_with_their_outputs(bench: Bench) -> None:
    suite = bench.suite()
    bench.metric(CLIP, direction="lower")
    for name in ("a", "b"):
        bench.model(name)
        for prompt, seed in PLACES:
            key = bench.job(suite, name, prompt, seed)
            bench.attempt(key)
            bench.artifact(key)
            bench.score(key, 3.0 * (prompt == 4) - 2.0 * (prompt == 7) if name == "b" else 0.0)
    apart = compare(bench.publish(), "tiny", A, B).apart
    assert [one.prompt_id for one in apart.for_first] == ["p4"]
    (other,) = apart.for_second
    assert (other.prompt_id, other.text, other.difference) == ("p7", "prompt 7", -2.0)
    assert [o.seed for o in other.second] == [0, 1]
    assert all(re.fullmatch("[0-9a-f]{64}", o.sha256) for o in (*other.first, *other.second))


def test_two_takes_of_one_model_are_compared_though_the_board_counts_the_newest(
    bench: Bench,
) -> None:
    two_takes(bench, lambda prompt, take: (prompt, take), second=0.5)
    connection = bench.publish()
    found = compare(connection, "tiny", Side("a", take=1), Side("a", take=2))
    (one,) = found.metrics
    assert one.paired.difference == pytest.approx(0.5)
    assert (found.first.runs, found.second.runs) == (("run-1",), ("run-2",))
    assert found.identical == 0 and found.pairs == len(PLACES)
    board = leaderboard(connection, "tiny").rows[0].cells[CLIP]
    assert board.value == pytest.approx(0.5 + 5.5)


def test_two_runs_are_the_outputs_that_each_made(bench: Bench) -> None:
    two_takes(bench, lambda prompt, take: (prompt, take), second=0.5)
    found = compare(bench.publish(), "tiny", Side("a", run="run-2"), Side("a", run="run-1"))
    assert found.metrics[0].paired.difference == pytest.approx(-0.5)
    assert found.first.label == "a@run:run-2"
    told = {one.name: (one.first, one.second) for one in found.differing}
    assert told["run"] == ("run-2", "run-1")


def test_identical_outputs_are_said_so_and_not_tested(bench: Bench) -> None:
    two_takes(bench, lambda prompt, take: prompt)
    found = compare(bench.publish(), "tiny", Side("a", take=1), Side("a", take=2))
    assert found.identical == found.pairs == len(PLACES)
    (one,) = found.metrics
    assert one.paired.difference == 0.0
    assert one.paired.p is None and one.paired.low is None and one.paired.detectable is None
    assert one.reason == "identical outputs: not tested"
    assert "identical, byte for byte" in text_of(found)
    assert found.apart is None


def test_scores_that_differ_on_identical_outputs_are_still_told(bench: Bench) -> None:
    two_takes(bench, lambda prompt, take: prompt, second=0.5)
    (one,) = compare(bench.publish(), "tiny", Side("a", take=1), Side("a", take=2)).metrics
    assert one.paired.difference == pytest.approx(0.5) and one.paired.p is not None


def test_ties_everywhere_are_no_evidence_of_a_difference(bench: Bench) -> None:
    suite = bench.suite()
    bench.metric(CLIP)
    for name in ("a", "b"):
        bench.model(name)
        bench.scored(suite, name, dict.fromkeys(PLACES, 1.0), CLIP)
    (one,) = compare(bench.publish(), "tiny", A, B).metrics
    assert one.paired.p == 1.0 and one.better == "" and one.reason == "no prompt differs"


def test_what_is_measured_by_batch_is_shown_and_not_tested(bench: Bench) -> None:
    suite = two_models(bench)
    bench.metric("latency", direction="lower", unit="s")
    for name, seconds in (("a", 1.0), ("b", 2.0)):
        for place in PLACES:
            bench.score(bench.job(suite, name, *place), seconds, "latency")
    found = compare(bench.publish(), "tiny", A, B)
    latency = found.metrics[1]
    assert (latency.first, latency.second, latency.paired.difference) == (1.0, 2.0, 1.0)
    assert latency.paired.p is None and latency.reason == MEASURED_BY_BATCH
    assert found.metrics[0].adjusted == found.metrics[0].paired.p
    assert {one.metric for one in found.slices} == {CLIP}


def test_metrics_on_sets_stand_side_by_side_and_say_why_they_are_not_tested(bench: Bench) -> None:
    suite = two_models(bench)
    bench.metric("vendi[tiny]", direction="higher", level="set")
    for name, value in (("a", 3.0), ("b", 4.0)):
        bench.set_score(suite, name, "vendi[tiny]", value=value, n=24)
    connection = bench.publish()
    (one,) = compare(connection, "tiny", A, B).sets
    assert (one.first.value, one.second.value, one.paired) == (3.0, 4.0, None)
    assert one.reason == "no interval is known for vendi" and one.better == ""
    (sliced,) = compare(connection, "tiny", A, B, where={"style": "photo"}).sets
    assert sliced.first.value is None and sliced.reason == "whole suite only"
    (taken,) = compare(connection, "tiny", Side("a", take=0), B).sets
    assert taken.first.reason == ONE_TAKE_ONLY and taken.second.value == 4.0


def test_distances_to_a_reference_are_compared_prompt_by_prompt(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    paint(bench, suite, "other", 0.8)
    found = compare(bench.publish(), suite, Side("near"), Side("other"))
    assert {one.column.metric for one in found.sets} == {"fid[fake]", "kid[fake]", "cmmd[fake]"}
    for one in found.sets:
        assert (one.better, one.reason) == ("first", "")
        assert one.paired is not None and one.paired.prompts == PROMPTS
    raw = [one.paired.p for one in found.sets if one.paired is not None]
    assert [one.adjusted for one in found.sets] == holm(raw).tolist()
    assert "near better" in text_of(found)


def test_takes_are_compared_on_sets_by_their_own_pictures(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    paint(bench, suite, "other", 0.4)
    connection = bench.publish()
    whole = compare(connection, suite, Side("near"), Side("other")).sets
    taken = compare(connection, suite, Side("near", take=0), Side("other", take=0)).sets
    assert [one.paired for one in taken] == [one.paired for one in whole]


def test_no_common_prompt_is_said_and_statuses_are_still_told(bench: Bench) -> None:
    suite = bench.suite()
    bench.metric(CLIP)
    for name, prompt, status in (("a", 0, "ok"), ("b", 1, "ok"), ("b", 0, "refused")):
        if (name, prompt) != ("b", 0):
            bench.model(name)
        key = bench.job(suite, name, prompt, 0)
        bench.attempt(key, status, reason="no")
        if status == "ok":
            bench.score(key, 1.0)
    found = compare(bench.publish(), "tiny", A, B)
    (one,) = found.metrics
    assert one.paired.difference is None and one.reason == "no common prompts: scores on 1 and 1"
    assert found.second.statuses == {"ok": 1, "refused": 1}
    assert "nothing to compare" in text_of(found) and "refused 1" in text_of(found)


def test_a_score_that_is_no_number_is_missing_not_zero(bench: Bench) -> None:
    suite = two_models(bench)
    bench.score(bench.job(suite, "b", 3, 0), float("nan"), CLIP)
    (one,) = compare(bench.publish(), "tiny", A, B).metrics
    assert one.missing == (0, 1)
    assert one.paired.difference == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (Side("a"), Side("a"), "run another model"),
        (Side("a"), Side("z"), "There is no model in this suite named 'z'"),
        (Side("a"), Side("a", take=7), "There is no take 7 of a; takes: 0"),
        (Side("a"), Side("a", run="never"), "There is no run that made outputs of a"),
    ],
)
def test_sides_that_cannot_be_are_explained(
    bench: Bench, first: Side, second: Side, words: str
) -> None:
    suite = bench.suite()
    bench.model("a")
    bench.attempt(bench.job(suite, "a", 0, 0))
    with pytest.raises((BadInputError, UnknownNameError), match=re.escape(words)):
        compare(bench.publish(), "tiny", first, second)


def test_the_same_side_twice_names_what_could_be_compared(bench: Bench) -> None:
    two_takes(bench, lambda prompt, take: (prompt, take))
    connection = bench.publish()
    with pytest.raises(BadInputError, match="a@take1 a@take2"):
        compare(connection, "tiny", A, A)


def test_sides_are_read_and_names_with_an_at_stay_models() -> None:
    models = ("a", "org--m@take1", "b")
    assert read_side("a", models) == Side("a")
    assert read_side("a@take2", models) == Side("a", take=2)
    assert read_side("a@run:20260301-x", models) == Side("a", run="20260301-x")
    assert read_side("org--m@take1", models) == Side("org--m@take1")
    assert read_side("org--m@take1@take3", models) == Side("org--m@take1", take=3)
    assert read_side("ogr--m@main", models) == Side("ogr--m@main")
    with pytest.raises(BadInputError, match="expected MODEL, MODEL@take2"):
        read_side("a@tak2", models)


def test_settings_weights_and_environment_that_differ_are_listed(bench: Bench) -> None:
    suite = bench.suite(prompts=1)
    bench.metric(CLIP)
    for name, steps, torch in (("a", 4, "2.1"), ("b", 8, "2.2")):
        bench.begin(
            f"run-{name}",
            versions=JsonText(json.dumps({"torch": torch, "python": "3.11"})),
            machine=JsonText(json.dumps({"gpus": ["one"]})),
        )
        bench.model(name, steps=steps, width=64)
        bench.attempt(bench.job(suite, name, 0, 0))
    found = compare(bench.publish(), "tiny", A, B)
    told = {(one.what, one.name): (one.first, one.second) for one in found.differing}
    assert told["settings", "steps"] == ("4", "8")
    assert told["environment", "versions.torch"] == ("2.1", "2.2")
    assert ("model", "weights") in told
    assert not {"width", "versions.python", "machine.gpus", "device"} & {n for _, n in told}


def test_one_prompt_has_a_difference_and_no_interval(bench: Bench) -> None:
    suite = bench.suite(prompts=1)
    bench.metric(CLIP)
    for name, value in (("a", 1.0), ("b", 2.0)):
        bench.model(name)
        bench.scored(suite, name, {(0, 0): value}, CLIP)
    (one,) = compare(bench.publish(), "tiny", A, B).metrics
    assert one.paired.difference == 1.0 and one.paired.low is None
    assert one.reason == "one common prompt: no interval" and one.better == ""


def test_hostile_strings_are_inert_in_every_form(bench: Bench) -> None:
    hostile = "<img src=x onerror=alert(1)>|[a](javascript:b)\x1b[31m\u202e=1+1"
    suite = two_models(bench)
    bench.model(hostile, title=hostile, licence=hostile)
    bench.scored(suite, hostile, values(lambda p: 2.0, 3), CLIP)
    found = compare(bench.publish(), "tiny", A, Side(hostile))
    terminal, markdown, machine = text_of(found), to_markdown(sheets(found)), to_json(found)
    assert not {"\x1b", "\u202e"} & set(terminal + markdown + machine)
    assert "<img" not in markdown.replace("\\<", "") and "](" not in markdown.replace("\\]", "")
    assert json.loads(machine)["second"]["model"].startswith("<img")


def test_by_chooses_the_metric_that_prompts_are_shown_by(bench: Bench) -> None:
    two_models(bench)
    connection = bench.publish()
    assert compare(connection, "tiny", A, B, by="clip_score").apart.metric == CLIP
    with pytest.raises(UnknownNameError, match="metric on outputs in this comparison"):
        compare(connection, "tiny", A, B, by="fid")
