from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.board.choose import tables
from evalharness.board.choose.choosing import choose
from evalharness.board.choose.components import Component, standardised
from evalharness.board.choose.reasons import pareto
from evalharness.board.choose.seen import Seen
from evalharness.board.choose.selftest import self_test
from evalharness.board.choose.utility import utility
from evalharness.board.choose.verdict import tie_break
from evalharness.board.licences import allowed
from evalharness.board.pictures import NO_PICTURES
from evalharness.board.sheets import to_json, to_markdown
from evalharness.core.brief import Brief, Limits, ReferenceFeatures, Space, Weights
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.ledger.rows import FeatureRow
from evalharness.metrics.efficiency import GIB
from tests.board.conftest import Bench, sha

STYLE = Space("look", "w1", 1)
WORDS = Space("clip", "w2", 1)
D = 12
PROMPTS = 12
LOOKS = {"noir": 0, "pastel": 1, "comic": 2, "sketch": 3}


def pictures_of(look: int, n: int, rng: np.random.Generator, clear: float = 3.0) -> np.ndarray:
    """(n, D): noise around a direction that all share, and one of the look's own."""
    found = rng.normal(size=(n, D)) * 0.5
    found[:, -1] += 3.0
    found[:, look] += clear
    return found.astype(np.float32)


def answer(
    bench: Bench, suite: str, model: str, look: int, seed: int, prompts: Sequence[int]
) -> None:
    rng = np.random.default_rng(seed)
    for prompt, vector in zip(prompts, pictures_of(look, len(prompts), rng), strict=True):
        key = bench.job(suite, model, prompt, 0)
        bench.attempt(key)
        picture = bench.artifact(key)
        for space in (STYLE, WORDS):
            see(bench, picture, space, vector)


def see(bench: Bench, subject: str, space: Space, vector: np.ndarray) -> None:
    bench.add(
        FeatureRow, feature_key=sha(subject, space), subject=subject, kind="picture",
        instrument=space.instrument, extractor="e", weights=space.weights, version=space.version,
        status="ok", reason="", vector=vector, scalar=None, text=None, detail=None,
    )  # fmt: skip


def laid_out(bench: Bench, looks: dict[str, int] = LOOKS, prompts: int = PROMPTS) -> str:
    suite = bench.suite(prompts=prompts)
    bench.metric()
    for number, (model, look) in enumerate(looks.items()):
        bench.model(model)
        answer(bench, suite, model, look, number, range(prompts))
    return suite


def references(look: int | Sequence[int], n: int = 8, seed: int = 99) -> ReferenceFeatures:
    rng = np.random.default_rng(seed)
    looks = [look] * n if isinstance(look, int) else list(look)
    vectors = np.concatenate([pictures_of(one, 1, rng) for one in looks])
    names = tuple(f"ref #{i + 1}" for i in range(len(looks)))
    return ReferenceFeatures(style=STYLE, references=vectors, names=names)


BRIEF = Brief(references=("./refs",))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    bench = Bench(Path(tmp_path_factory.mktemp("choose")) / "store")
    laid_out(bench, {**LOOKS, "noir-2": 0, "pastel-2": 1})
    return bench.publish()


@pytest.mark.parametrize("model", LOOKS)
def test_references_of_a_look_choose_the_model_that_has_it(bench: Bench, model: str) -> None:
    laid_out(bench)
    found = choose(bench.publish(), "tiny", BRIEF, references(LOOKS[model]))
    assert (found.verdict, found.best) == ("choice", model)
    assert found.candidates[0].p_best == pytest.approx(1.0, abs=0.05)
    assert found.contributions[0].component == "style"
    assert len(found.nearest) == 3
    assert all(near.best_fit > near.other_fit for near in found.nearest)


def test_words_choose_too_and_say_nothing_of_references(bench: Bench) -> None:
    laid_out(bench)
    words = np.eye(D, dtype=np.float32)[LOOKS["comic"]]
    neutral = np.eye(D, dtype=np.float32)[-1]
    features = ReferenceFeatures(texts=WORDS, words=words, neutral=neutral)
    found = choose(bench.publish(), "tiny", Brief(words="a comic"), features)
    assert (found.best, found.references) == ("comic", 0)
    assert set(found.weights) == {"words"}


def test_two_models_of_one_look_are_a_tie_with_the_prompts_that_would_break_it(
    store: duckdb.DuckDBPyConnection,
) -> None:
    found = choose(store, "tiny", BRIEF, references(LOOKS["noir"]))
    assert found.verdict == "tie"
    assert set(found.tied) == {"noir", "noir-2"}
    assert found.tie_break is not None
    assert all(n is None or n >= 20 for n in (found.tie_break.prompts, found.tie_break.references))
    assert sum(c.p_best or 0.0 for c in found.candidates) == pytest.approx(1.0)
    assert tables.headline(found).startswith("tie: ")


@settings(max_examples=25, deadline=None)
@given(chosen=st.sets(st.sampled_from([*LOOKS, "noir-2", "pastel-2"]), min_size=1))
def test_taking_models_out_never_reorders_or_moves_the_others(
    store: duckdb.DuckDBPyConnection, chosen: set[str]
) -> None:
    features = references(LOOKS["pastel"])
    whole = choose(store, "tiny", BRIEF, features)
    part = choose(store, "tiny", Brief(references=("./refs",), models=tuple(chosen)), features)
    expected = [(c.model, c.utility) for c in whole.candidates if c.model in chosen]
    assert [(c.model, c.utility) for c in part.candidates] == expected


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    out=st.integers(0, 4),
)
def test_a_component_keeps_its_order_without_a_model_that_answered_the_same_prompts(
    seed: int, out: int
) -> None:
    """Subtracting a prompt's mean over models shifts them all alike; the spread scales them."""
    values = np.random.default_rng(seed).normal(size=(5, 9))
    whole, part = (
        standardised("x", "y", v, np.ones(len(v), bool))
        for v in (values, np.delete(values, out, 0))
    )
    assert whole is not None
    assert part is not None
    kept = np.delete(whole.means, out)
    assert np.array_equal(np.argsort(kept), np.argsort(part.means))


def test_few_references_give_an_answer_without_probabilities(bench: Bench) -> None:
    laid_out(bench)
    found = choose(bench.publish(), "tiny", BRIEF, references(LOOKS["noir"], n=3))
    assert (found.verdict, found.best) == ("low confidence", "noir")
    assert {c.p_best for c in found.candidates} == {None}


def test_few_prompts_give_an_answer_without_probabilities(bench: Bench) -> None:
    laid_out(bench, prompts=6)
    found = choose(bench.publish(), "tiny", BRIEF, references(LOOKS["noir"]))
    assert (found.verdict, found.best) == ("low confidence", "noir")
    assert "6 prompts are too few" in found.why


def test_models_that_are_equal_share_the_probability() -> None:
    values = np.random.default_rng(3).normal(size=(1, 40)).repeat(3, axis=0)
    values[2] -= 3.0
    component = standardised("x", "y", values, np.ones(3, bool))
    assert component is not None
    found = utility({"x": component}, {"x": 1.0})
    assert found.shares([0, 1, 2]).tolist() == [0.5, 0.5, 0.0]
    assert found.shares([2, 1, 0], top=2).tolist() == [0.0, 1.0, 1.0]
    assert found.shares([0, 1, 2], top=3).tolist() == [1.0, 1.0, 1.0]


def test_prompts_are_not_said_to_decide_what_only_references_can() -> None:
    rng = np.random.default_rng(5)
    whole = np.zeros((2, 100, 6))
    whole[0] = rng.normal(0.4, 1.0, size=6) + rng.normal(0, 0.01, size=(100, 6))
    style = Component("style", "y", whole.mean(axis=2), whole)
    one = {"style": style}
    found = utility(one, {"style": 1.0})
    seen = Seen(one, (), 6, 0, None, (NO_PICTURES, np.zeros((0, 1)), ()), ())
    order = found.best_of([0, 1])
    broken = tie_break(one, {"style": 1.0}, found, order, seen)
    assert broken.prompts is None
    assert broken.references is not None
    assert broken.references >= 20


def test_models_set_aside_are_not_said_to_break_limits(bench: Bench) -> None:
    suite = laid_out(bench)
    for number, model in enumerate(("silent", "mute")):
        bench.model(model)
        for prompt in range(PROMPTS):
            key = bench.job(suite, model, prompt, number)
            bench.attempt(key, status="refused", reason="no")
    asked = Brief(references=("r",), models=("silent", "mute"))
    found = choose(bench.publish(), "tiny", asked, references(0))
    assert found.verdict == "abstained"
    assert "nothing to compare in style" in found.why
    assert "No model keeps to the limits" not in found.why


def test_references_that_disagree_more_than_the_models_get_no_answer(bench: Bench) -> None:
    laid_out(bench)
    mixed = references([0, 1, 2, 3, 0, 1, 2, 3])
    found = choose(bench.publish(), "tiny", BRIEF, mixed)
    assert (found.verdict, found.best) == ("abstained", "")
    assert "disagree" in found.why
    assert any(c.pareto for c in found.candidates)


def test_a_brief_without_words_and_references_gets_no_answer(bench: Bench) -> None:
    laid_out(bench)
    found = choose(bench.publish(), "tiny", Brief(), ReferenceFeatures())
    assert found.verdict == "abstained"
    assert "neither words nor reference" in found.why


def test_limits_come_first_and_name_the_nearest_miss(bench: Bench) -> None:
    suite = laid_out(bench)
    bench.model("slow", licence="FLUX.1 [dev] Non-Commercial License")
    answer(bench, suite, "slow", 0, 7, range(PROMPTS))
    limits = Limits(licence="commercial", peak_memory_gib=1.0)
    connection = bench.publish()
    found = choose(connection, "tiny", Brief(references=("r",), limits=limits), references(0))
    assert [r.model for r in found.rejected] == ["slow"]
    assert found.rejected[0].nearest
    assert found.rejected[0].violations[0].limit == "licence"
    assert "slow" not in {c.model for c in found.candidates}


def test_a_brief_that_no_model_satisfies_says_by_how_much(bench: Bench) -> None:
    laid_out(bench)
    limits = Limits(latency_p95_s=0.5, peak_memory_gib=0.5 / GIB * 2**20)
    brief = Brief(references=("r",), limits=limits)
    found = choose(bench.publish(), "tiny", brief, references(0))
    assert found.verdict == "abstained"
    assert (found.candidates, found.best) == ((), "")
    assert {v.excess for v in found.rejected[0].violations} == {2.0, 1.0}
    assert sum(r.nearest for r in found.rejected) == 1
    for text in (to_markdown(tables.sheets(found)), to_json(found)):
        assert "No model keeps to the limits" in text


def test_a_model_served_elsewhere_is_not_offline(bench: Bench) -> None:
    suite = laid_out(bench)
    for name, host in (("near", "127.0.0.1:8000"), ("far", "10.0.0.2:8000")):
        bench.model(name, source=f"http://{host}/v1#org/model")
        answer(bench, suite, name, 0, 7, range(PROMPTS))
    brief = Brief(references=("r",), limits=Limits(offline=True))
    found = choose(bench.publish(), "tiny", brief, references(0))
    assert [r.model for r in found.rejected] == ["far"]
    (violation,) = found.rejected[0].violations
    assert violation.found == "served at http://10.0.0.2:8000/v1#org/model"


def test_an_unknown_fact_keeps_no_limit(bench: Bench) -> None:
    laid_out(bench)
    brief = Brief(references=("r",), limits=Limits(cost_per_1000=1000.0))
    found = choose(bench.publish(), "tiny", brief, references(0))
    assert {v.found for r in found.rejected for v in r.violations} == {"unknown"}


def test_one_model_is_no_choice(bench: Bench) -> None:
    laid_out(bench, {"noir": 0})
    with pytest.raises(BadInputError, match="at least two"):
        choose(bench.publish(), "tiny", BRIEF, references(0))


def test_models_without_a_prompt_in_common_are_not_compared(bench: Bench) -> None:
    suite = bench.suite(prompts=PROMPTS)
    for number, half in enumerate((range(6), range(6, 12))):
        for place in range(2):
            bench.model(f"m{number}{place}")
            answer(bench, suite, f"m{number}{place}", place, number * 2 + place, half)
    connection = bench.publish()
    with pytest.raises(BadInputError, match="answered by all 4 candidates"):
        choose(connection, "tiny", BRIEF, references(0))
    pair = Brief(references=("r",), models=("m00", "m01"))
    assert choose(connection, "tiny", pair, references(0)).best == "m00"


def test_a_model_without_pictures_is_set_aside_not_scored_zero(bench: Bench) -> None:
    suite = laid_out(bench)
    bench.model("silent")
    for prompt in range(PROMPTS):
        bench.attempt(bench.job(suite, "silent", prompt, 0), status="refused", reason="no")
    found = choose(bench.publish(), "tiny", BRIEF, references(0))
    assert found.set_aside == {"silent": "nothing to compare in style"}
    assert "silent" not in {c.model for c in found.candidates}


def test_pictures_nobody_has_seen_are_said_to_be_missing(bench: Bench) -> None:
    laid_out(bench)
    other = ReferenceFeatures(
        style=Space("look", "other weights", 1),
        references=np.ones((5, D), np.float32),
        names=("r",) * 5,
    )
    with pytest.raises(BadInputError, match="has seen no picture"):
        choose(bench.publish(), "tiny", BRIEF, other)


def test_unknown_names_are_told(store: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'noir'"):
        choose(store, "tiny", Brief(references=("r",), models=("noirr",)), references(0))
    with pytest.raises(UnknownNameError):
        choose(store, "nope", BRIEF, references(0))


def test_weights_are_visible_and_a_flip_of_one_is_told(bench: Bench) -> None:
    suite = laid_out(bench)
    for number, model in enumerate(LOOKS):
        for prompt in range(PROMPTS):
            key = bench.job(suite, model, prompt, 0)
            bench.score(key, (model == "comic") * 2.0 + number / 10 + prompt / 100)
    connection = bench.publish()
    found = choose(connection, "tiny", BRIEF, references(LOOKS["noir"]))
    assert found.best == "noir"
    flip = next(f for f in found.flips if f.what == "weight of alignment")
    assert flip.model == "comic"
    assert flip.value is not None
    assert flip.value > found.weights["alignment"]
    more = Weights(alignment=flip.value * 1.01)
    changed = choose(
        connection, "tiny", Brief(references=("r",), weights=more), references(LOOKS["noir"])
    )
    assert changed.candidates[0].model == "comic"


def test_hostile_names_are_inert_everywhere(bench: Bench) -> None:
    evil = "\x1b[31m<img src=x>![a](http://x)\u202e|=cmd"
    suite = laid_out(bench)
    bench.model("evil", title=evil, licence=evil)
    answer(bench, suite, "evil", 0, 5, range(PROMPTS))
    hostile = references(0)
    hostile = ReferenceFeatures(STYLE, hostile.references, (evil,) * 8)
    brief = Brief(references=("r",), limits=Limits(licence="permissive"))
    for asked in (BRIEF, brief):
        found = choose(bench.publish(), "tiny", asked, hostile)
        markdown, plain = to_markdown(tables.sheets(found)), to_json(found)
        for text in (markdown, plain):
            assert "\x1b" not in text
            assert "\u202e" not in text
        assert not re.search(r"(?<!\\)<img", markdown)
        assert "![a](" not in markdown
        json.loads(plain)


def test_a_self_test_finds_looks_and_beats_always_the_same(bench: Bench) -> None:
    laid_out(bench, prompts=18)
    found = self_test(bench.publish(), "tiny", STYLE)
    assert (found.models, found.prompts) == (4, 18)
    assert found.top1 > 0.9
    assert found.mrr >= found.top1
    assert found.low is not None
    assert found.low > 0
    assert "lead back to it" in tables.self_test_text(found)


def test_a_self_test_needs_pictures_of_two_models(bench: Bench) -> None:
    laid_out(bench, {"noir": 0})
    with pytest.raises(BadInputError, match="two models"):
        self_test(bench.publish(), "tiny", STYLE)


@pytest.mark.parametrize("prompts", [12, 40])
def test_the_bootstrap_is_as_wide_as_theory_says(prompts: int) -> None:
    """As t is, whose standard deviation is √(df / (df − 2)) standard errors."""
    values = np.random.default_rng(3).normal(size=(2, prompts))
    component = standardised("x", "y", values, np.ones(2, bool))
    assert component is not None
    holed = replace(
        component, values=np.pad(component.values, ((0, 0), (0, 30)), constant_values=np.nan)
    )
    for one in (component, holed):
        drawn = utility({"x": one}, {"x": 2.0}).draws
        difference = 2.0 * (component.values[0] - component.values[1])
        error = difference.std(ddof=1) / np.sqrt(prompts)
        expected = error * np.sqrt((prompts - 1) / (prompts - 3))
        assert (drawn[:, 0] - drawn[:, 1]).std() == pytest.approx(expected, rel=0.06)


def test_models_without_any_difference_make_no_component() -> None:
    assert standardised("x", "y", np.ones((3, 5)), np.ones(3, bool)) is None
    assert standardised("x", "y", np.full((3, 5), np.nan), np.ones(3, bool)) is None


def test_the_front_holds_what_nothing_beats() -> None:
    means = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.4, 0.4], [1.0, 0.0]])
    assert pareto(means).tolist() == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("Apache-2.0", "permissive"),
        ("MIT", "permissive"),
        ("CreativeML OpenRAIL++-M", "commercial"),
        ("Stability AI Community License", "commercial"),
        ("FLUX.1 [dev] Non-Commercial License", "non-commercial"),
        ("CC-BY-NC-4.0", "non-commercial"),
        ("CC-BY-4.0", "permissive"),
        (None, "unknown"),
        ("MITRE internal", "unknown"),
    ],
)
def test_licences_are_read_carefully(licence: str | None, expected: str) -> None:
    assert allowed(licence) == expected
