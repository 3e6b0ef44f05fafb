from __future__ import annotations

import json
from collections.abc import Mapping

import duckdb
import numpy as np
import pytest
from rich.console import Console

from evalharness.board.profile import Profile, profile
from evalharness.board.profile.pool import beside
from evalharness.board.profile.tables import sheets
from evalharness.board.sheets import to_json, to_markdown, to_rich
from evalharness.core.errors import UnknownNameError
from evalharness.core.keys import text_subject
from evalharness.core.styles import TINYWORLD
from evalharness.ledger.rows import FeatureRow
from tests.board.conftest import Bench, sha
from tests.board.test_board_influences import lay_out, paint, refer

CLIP, STEER = "clip_score[tiny]", "steerability[tiny]"
PROMPTS = 24
LOOKS = list(TINYWORLD)


def asked(prompt: int) -> Mapping[str, object]:
    """Every second prompt asks for no look, the others for one of the four in turn."""
    style = {} if prompt % 2 else {"style": LOOKS[prompt // 2 % 4]}
    return {"styles": "tinyworld", **style}


def see(bench: Bench, subject: str, vector: np.ndarray, kind: str = "picture") -> None:
    bench.add(
        FeatureRow, feature_key=sha(subject, kind), subject=subject, kind=kind, instrument="tiny",
        extractor="e", weights="w", version=1, status="ok", reason="",
        vector=vector.astype(np.float32), scalar=None, text=None, detail=None,
    )  # fmt: skip


def draws(bench: Bench, suite: str, model: str, look: int, gain: float, seed: int) -> None:
    """A model whose pictures all have one look; its scores are `gain` above the prompt's own."""
    rng = np.random.default_rng(seed)
    for prompt in range(PROMPTS):
        for s in (0, 1):
            key = bench.job(suite, model, prompt, s)
            bench.attempt(key)
            picture = bench.artifact(key)
            see(bench, picture, 3 * np.eye(6)[look] + np.eye(6)[5] + rng.normal(size=6) * 0.1)
            bench.score(key, prompt + gain + rng.normal(scale=0.1), CLIP)
            if not prompt % 2:
                bench.score(key, float(look == prompt // 2 % 4), STEER)


def laid_out(bench: Bench, models: Mapping[str, tuple[int, float]]) -> str:
    suite = bench.suite(prompts=PROMPTS, checks=asked, metrics=(CLIP, STEER))
    bench.metric(CLIP)
    bench.metric(STEER, unit="share")
    for k, style in enumerate(TINYWORLD.values()):
        see(bench, text_subject(style.phrase), np.eye(6)[k], "text")
    for number, (model, (look, gain)) in enumerate(models.items()):
        bench.model(model)
        draws(bench, suite, model, look, gain, number)
    return suite


@pytest.fixture
def store(bench: Bench) -> duckdb.DuckDBPyConnection:
    laid_out(bench, {"photo": (0, 1.0), "photo-2": (0, 0.0), "pixel": (3, 0.0), "sketch": (1, 0.0)})
    return bench.publish()


def text_of(found: Profile) -> str:
    console = Console(width=220)
    with console.capture() as captured:
        console.print(to_rich(sheets(found)))
    return captured.get()


def test_the_default_look_is_read_off_prompts_that_ask_for_none(
    store: duckdb.DuckDBPyConnection,
) -> None:
    default = profile(store, "tiny", "photo").default_look
    assert default is not None
    assert (default.instrument, default.prompts, default.pictures) == ("tiny", 12, 24)
    first = default.looks[0]
    assert (first.name, first.share, first.high) == ("photograph", 1.0, 1.0)
    assert first.low is not None and 0.7 < first.low < 0.8
    assert first.others == pytest.approx(1 / 3)
    assert len(default.looks) == 4


def test_steering_tells_which_looks_can_be_asked_for(store: duckdb.DuckDBPyConnection) -> None:
    steered = {one.look: one for one in profile(store, "tiny", "pixel").steered}
    assert {look: one.mean for look, one in steered.items()} == {
        "pixel art": 1.0, "photograph": 0.0, "illustration": 0.0, "watercolour": 0.0
    }  # fmt: skip
    assert steered["photograph"].others == pytest.approx(2 / 3)
    assert steered["photograph"].prompts == 3


def test_strengths_are_against_the_other_models_on_the_same_prompts(
    store: duckdb.DuckDBPyConnection,
) -> None:
    found = profile(store, "tiny", "photo")
    whole = next(one for one in found.against if not one.tag and one.metric == CLIP)
    assert whole.standing == "strength"
    assert whole.paired.difference == pytest.approx(1.0, abs=0.1)
    assert whole.adjusted is not None and whole.adjusted >= (whole.paired.p or 0.0)
    assert {(one.tag, one.value) for one in found.against if one.metric == CLIP} == {
        ("", ""), ("style", "photo"), ("style", "pixel"), ("half", "first"), ("half", "second")
    }  # fmt: skip
    worse = profile(store, "tiny", "pixel")
    assert next(o for o in worse.against if not o.tag and o.metric == CLIP).standing == "weakness"


def test_the_nearest_looking_model_has_the_same_look(store: duckdb.DuckDBPyConnection) -> None:
    found = profile(store, "tiny", "photo")
    assert found.style_by == "tiny"
    assert found.nearest[0].model == "photo-2" and found.nearest[0].cosine > 0.9
    assert [one.model for one in found.nearest[1:]] != ["photo-2"]
    assert all(one.prompts == 12 for one in found.nearest)


def test_best_and_worst_pictures_are_one_a_prompt_and_in_order(
    store: duckdb.DuckDBPyConnection,
) -> None:
    found = profile(store, "tiny", "photo")
    assert found.pictures_by == CLIP
    gains = [one.gain for one in found.best]
    assert gains == sorted(gains, reverse=True) and len(gains) == 4
    losses = [one.gain for one in found.worst]
    assert losses == sorted(losses)
    assert max(losses) < min(gains)
    for shown in (found.best, found.worst):
        assert len({one.prompt_id for one in shown}) == len({one.sha256 for one in shown}) == 4


def test_diversity_over_seeds_stands_beside_the_others(store: duckdb.DuckDBPyConnection) -> None:
    diversity = profile(store, "tiny", "photo").diversity
    assert diversity is not None and diversity.prompts == PROMPTS
    assert 0 < diversity.value < 0.05
    assert diversity.paired.low is not None and diversity.paired.prompts == PROMPTS


def test_the_gain_over_the_base_is_told_for_adapters_of_the_same_weights(bench: Bench) -> None:
    suite = bench.suite(prompts=PROMPTS)
    bench.metric(CLIP)
    for model, adapters, gain in (("base", (), 0.0), ("lora", ("l",), 1.0), ("other", ("o",), 0.0)):
        bench.model(model, source="weights", adapters=adapters)
        rng = np.random.default_rng(len(model))
        values = {(p, 0): p + gain + rng.normal(scale=0.1) for p in range(PROMPTS)}
        bench.scored(suite, model, values, CLIP)
    connection = bench.publish()
    kin = profile(connection, "tiny", "lora").family
    assert kin is not None
    assert (kin.base, kin.built_on, kin.adapters) == ("base", ("other",), ("l",))
    assert kin.gain[0].better == "second"
    own = profile(connection, "tiny", "base").family
    assert own is not None and own.base is None and own.built_on == ("lora", "other")


def test_a_fine_tune_with_weights_of_its_own_names_its_base(bench: Bench) -> None:
    suite = bench.suite(prompts=PROMPTS)
    bench.metric(CLIP)
    for model, base, gain in (("base", None, 0.0), ("tuned", "base", 1.0), ("far", "away", 0.0)):
        bench.model(model, source=f"weights of {model}", base=base)
        rng = np.random.default_rng(len(model))
        values = {(p, 0): p + gain + rng.normal(scale=0.1) for p in range(PROMPTS)}
        bench.scored(suite, model, values, CLIP)
    connection = bench.publish()
    tuned = profile(connection, "tiny", "tuned").family
    assert tuned is not None
    assert (tuned.base, tuned.built_on) == ("base", ())
    assert tuned.gain[0].better == "second"
    base = profile(connection, "tiny", "base").family
    assert base is not None and base.base is None and base.built_on == ("tuned",)
    far = profile(connection, "tiny", "far").family
    assert far is not None and far.base is None


def test_pictures_that_hurt_a_distance_are_shown_where_it_can_tell(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    found = profile(bench.publish(), suite, "near")
    assert found.hurting_by == "fid[fake]" and len(found.hurting) == 4
    harms = [one.harm for one in found.hurting]
    assert harms == sorted(harms, reverse=True) and min(harms) > 0
    assert "Pictures that raise fid[fake] most" in text_of(found)


def test_one_model_alone_says_what_cannot_be_told(bench: Bench) -> None:
    suite = bench.suite(prompts=3)
    bench.metric(CLIP)
    bench.model("m")
    bench.scored(suite, "m", {(p, 0): float(p) for p in range(3)}, CLIP)
    found = profile(bench.publish(), "tiny", "m")
    assert found.default_look is None and not found.against and not found.nearest
    told = "\n".join(found.missing)
    for words in ("no other model", "no vocabulary", "no instrument", "Best and worst"):
        assert words in told
    assert "Not told" in text_of(found)


def test_nothing_scored_and_nothing_made_is_still_a_profile(bench: Bench) -> None:
    suite = bench.suite(prompts=2, metrics=(CLIP,))
    bench.metric(CLIP)
    bench.model("m", licence=None)
    bench.attempt(bench.job(suite, "m", 0, 0), "failed", reason="broken")
    found = profile(bench.publish(), "tiny", "m")
    assert found.statuses == {"failed": 1} and found.licence_class == "unknown"
    assert found.cells[CLIP].reason == "no ok outputs"
    assert "not stated" in text_of(found)


def test_an_unknown_model_is_explained(store: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'photo"):
        profile(store, "tiny", "photos")


def test_the_others_mean_does_not_move_where_one_of_them_is_missing() -> None:
    means = np.array([[1.0, 2.0], [np.nan, 4.0], [3.0, 6.0]])
    both = beside(means, 0)
    assert both.own.tolist() == [1.0, 2.0]
    assert both.others.tolist() == pytest.approx([2.0, 5.0])  # the third is 1 above their mean
    assert beside(means[:2], 0).others[1] == 4.0
    assert np.isnan(beside(means[:1], 0).others).all()


def test_a_model_is_no_better_for_the_prompts_that_a_good_one_left_out(bench: Bench) -> None:
    suite = bench.suite(prompts=PROMPTS)
    bench.metric(CLIP)
    for number, (model, gain) in enumerate({"m": 0.0, "good": 4.0, "poor": -4.0}.items()):
        bench.model(model)
        rng = np.random.default_rng(number)
        answered = range(6) if model == "good" else range(PROMPTS)
        values = {(p, 0): p + gain + rng.normal(scale=0.1) for p in answered}
        bench.scored(suite, model, values, CLIP)
    whole = next(one for one in profile(bench.publish(), "tiny", "m").against if not one.tag)
    assert whole.paired.difference == pytest.approx(0.0, abs=0.1)


def test_the_others_default_look_is_told_on_the_models_own_prompts(bench: Bench) -> None:
    laid_out(bench, {"photo": (0, 0.0), "pixel": (3, 0.0)})
    bench.model("few")
    key = bench.job(sha("suite", "tiny", 1), "few", 1, 0)
    bench.attempt(key)
    see(bench, bench.artifact(key), 3 * np.eye(6)[1] + np.eye(6)[5])
    default = profile(bench.publish(), "tiny", "few").default_look
    assert default is not None and default.prompts == 1
    shares = {look.name: look.others for look in default.looks}
    assert (shares["photograph"], shares["pixel art"]) == (0.5, 0.5)


def test_hostile_strings_are_inert_in_every_form(bench: Bench) -> None:
    hostile = "<img src=x onerror=alert(1)>|[a](javascript:b)\x1b[31m\u202e"
    laid_out(bench, {"photo": (0, 0.0), hostile: (1, 0.0), "pixel": (3, 1.0)})
    connection = bench.publish()
    for model in ("photo", hostile):
        found = profile(connection, "tiny", model)
        terminal, markdown, machine = text_of(found), to_markdown(sheets(found)), to_json(found)
        assert not {"\x1b", "\u202e"} & set(terminal + markdown + machine)
        assert "<img" not in markdown.replace("\\<", "")
        json.loads(machine)
