from dataclasses import fields, replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.core import keys
from evalharness.core.job_keys import job_key
from evalharness.core.nouns import Adapter, Instrument, Model, Prompt, Resolution, Settings, Suite

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
SETTINGS = st.dictionaries(st.text(min_size=1, max_size=6), JSON, max_size=5)
HEXES = st.text("0123456789abcdef", min_size=4, max_size=4)

PROMPT = Prompt(id="a", text="a cat")
MODEL = Model(name="m", backend="diffusers", source="org/m", adapters=(Adapter("org/l"),))
RESOLVED = Resolution("rev", adapters=(Resolution("rev-l"),))
SUITE = Suite("s", 1, "S", "recommended", "image", (PROMPT,), (0,), ("latency",))


def backwards(settings: Settings) -> Settings:
    return dict(reversed(settings.items()))


@given(SETTINGS)
def test_the_order_of_settings_does_not_matter(settings: Settings) -> None:
    one = job_key("m", 1, PROMPT, 0, settings)
    assert one == job_key("m", 1, PROMPT, 0, backwards(settings))
    assert one == job_key("m", 1, PROMPT, 0, MappingProxyType(dict(settings)))
    assert keys.variant_key("m", settings) == keys.variant_key("m", backwards(settings))
    reordered = replace(MODEL, options=backwards(settings))
    assert keys.model_digest(replace(MODEL, options=settings), RESOLVED) == keys.model_digest(
        reordered, RESOLVED
    )


@given(SETTINGS, SETTINGS)
def test_different_settings_are_different_jobs(one: Settings, other: Settings) -> None:
    same = job_key("m", 1, PROMPT, 0, one) == job_key("m", 1, PROMPT, 0, other)
    assert same == (typed(one) == typed(other))


def typed(value: object) -> object:
    """Equality that tells True from 1, but not 2.0 from 2."""
    if isinstance(value, dict):
        return {name: typed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return (isinstance(value, bool), value)


@given(st.integers(-(2**53), 2**53))
def test_a_whole_float_is_the_same_number(number: int) -> None:
    assert keys.digest({"guidance": [float(number)]}) == keys.digest({"guidance": [number]})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_has_no_digest(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        keys.digest({"x": number})


def test_each_part_of_a_job_tells_it_apart() -> None:
    made = {
        job_key("m", 1, PROMPT, 0, {}),
        job_key("n", 1, PROMPT, 0, {}),
        job_key("m", 2, PROMPT, 0, {}),
        job_key("m", 1, replace(PROMPT, text="a dog"), 0, {}),
        job_key("m", 1, PROMPT, 1, {}),
        job_key("m", 1, PROMPT, 0, {"steps": 1}),
        job_key("m", 1, PROMPT, 0, {"steps": "1"}),
    }
    assert len(made) == 7


def test_only_what_is_asked_is_in_a_jobs_key() -> None:
    renamed = replace(PROMPT, id="b", target="x", checks={"c": 1}, tags={"t": "v"})
    assert job_key("m", 1, PROMPT, 0, {}) == job_key("m", 1, renamed, 0, {})


MODEL_CHANGES = {
    "backend": "other",
    "source": "org/other",
    "options": {"dtype": "float16"},
    "modality": "text",
    "template": "{prompt}!",
    "negative_prompt": "",
    "adapters": (Adapter("org/l", weight=0.5),),
}
MODEL_RECORDED = {
    "name": "n",
    "revision": "main",
    "settings": {"steps": 3},
    "placement": {"device": "cpu", "batch_size": 2},
    "title": "T",
    "licence": "MIT",
    "price_per_1000": 3.0,
    "retires": "2030-01-01",
    "base": "other",
}


def test_every_field_of_a_model_is_either_identity_or_recorded() -> None:
    assert {f.name for f in fields(Model)} == MODEL_CHANGES.keys() | MODEL_RECORDED.keys()


@pytest.mark.parametrize("field", MODEL_CHANGES)
def test_identity_fields_change_the_model(field: str) -> None:
    changed = replace(MODEL, **{field: MODEL_CHANGES[field]})
    assert keys.model_digest(changed, RESOLVED) != keys.model_digest(MODEL, RESOLVED)


@pytest.mark.parametrize("field", MODEL_RECORDED)
def test_recorded_fields_do_not_change_the_model(field: str) -> None:
    changed = replace(MODEL, **{field: MODEL_RECORDED[field]})
    assert keys.model_digest(changed, RESOLVED) == keys.model_digest(MODEL, RESOLVED)


def test_revisions_of_weights_and_adapters_change_the_model() -> None:
    other_weights = replace(RESOLVED, revision="rev2")
    other_adapter = replace(RESOLVED, adapters=(Resolution("rev-l2"),))
    digests = {keys.model_digest(MODEL, r) for r in (RESOLVED, other_weights, other_adapter)}
    assert len(digests) == 3


def test_a_model_with_adapters_needs_their_resolutions() -> None:
    with pytest.raises(ValueError, match="zip"):
        keys.model_digest(MODEL, Resolution("rev"))


def test_a_local_folder_may_move() -> None:
    here = replace(MODEL, source="./here", adapters=(Adapter("./l"),))
    there = replace(MODEL, source="/mnt/there", adapters=(Adapter("/mnt/l"),))
    content = Resolution("sha256:aa", "/x", adapters=(Resolution("sha256:bb"),))
    moved = replace(content, location="/mnt/there")
    assert keys.model_digest(here, content) == keys.model_digest(there, moved)
    assert keys.model_digest(here, content) != keys.model_digest(
        here, replace(content, revision="sha256:ab")
    )


SUITE_CHANGES = {
    "name": "t",
    "version": 2,
    "protocol": "matched",
    "modality": "text",
    "prompts": (PROMPT, PROMPT),
    "seeds": (1,),
    "settings": {"steps": 1},
    "reference": "tinyworld:8",
}
SUITE_RECORDED = {"title": "T", "models": ("a",), "metrics": ("throughput",)}


def test_every_field_of_a_suite_is_known_here() -> None:
    assert {f.name for f in fields(Suite)} == SUITE_CHANGES.keys() | SUITE_RECORDED.keys()


@pytest.mark.parametrize("field", SUITE_CHANGES)
def test_what_a_suite_asks_changes_it(field: str) -> None:
    changed = replace(SUITE, **{field: SUITE_CHANGES[field]})
    assert keys.suite_digest(changed) != keys.suite_digest(SUITE)


@pytest.mark.parametrize("field", SUITE_RECORDED)
def test_what_is_added_to_a_suite_keeps_it(field: str) -> None:
    changed = replace(SUITE, **{field: SUITE_RECORDED[field]})
    assert keys.suite_digest(changed) == keys.suite_digest(SUITE)


def test_the_tags_of_a_prompt_belong_to_the_suite_and_not_to_the_prompt() -> None:
    tagged = replace(PROMPT, tags={"style": "none"})
    assert keys.prompt_digest(tagged) == keys.prompt_digest(PROMPT)
    assert keys.suite_digest(replace(SUITE, prompts=(tagged,))) != keys.suite_digest(SUITE)


@given(st.lists(HEXES, unique=True, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_a_set_does_not_matter(members: list[str], random: object) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert keys.set_score_key("fid", 1, members, "r") == keys.set_score_key("fid", 1, shuffled, "r")
    assert keys.set_score_key("fid", 1, members, "r") != keys.set_score_key(
        "fid", 1, [*members, members[0]], "r"
    )


def test_each_part_of_a_set_score_tells_it_apart() -> None:
    made = {
        keys.set_score_key("fid", 1, ["a"], "r"),
        keys.set_score_key("kid", 1, ["a"], "r"),
        keys.set_score_key("fid", 2, ["a"], "r"),
        keys.set_score_key("fid", 1, ["b"], "r"),
        keys.set_score_key("fid", 1, ["a"], "s"),
        keys.set_score_key("fid", 1, ["a"], None),
    }
    assert len(made) == 6


def test_the_order_of_what_a_score_reads_matters() -> None:
    assert keys.score_key("m", 1, ["a", "b"]) != keys.score_key("m", 1, ["b", "a"])
    assert keys.score_key("m", 1, ["a", "b"]) != keys.score_key("m", 1, ["ab"])


def test_each_part_of_a_feature_tells_it_apart() -> None:
    tool = Instrument("i", "clip", "src")
    made = {
        keys.feature_key("s", tool, "w", 1),
        keys.feature_key("t", tool, "w", 1),
        keys.feature_key("s", replace(tool, extractor="dino"), "w", 1),
        keys.feature_key("s", replace(tool, options={"layer": 1}), "w", 1),
        keys.feature_key("s", tool, "v", 1),
        keys.feature_key("s", tool, "w", 2),
    }
    assert len(made) == 6
    renamed = replace(tool, name="j", source="elsewhere", revision="r")
    assert keys.feature_key("s", renamed, "w", 1) == keys.feature_key("s", tool, "w", 1)


@given(st.text(), st.text())
def test_texts_are_subjects_of_their_own(one: str, other: str) -> None:
    assert (keys.text_subject(one) == keys.text_subject(other)) == (one == other)


def test_half_a_surrogate_pair_has_a_digest_too() -> None:
    assert keys.digest("\ud800") != keys.digest("\ud801")
    assert keys.text_subject("\ud800") != keys.text_subject("\ud801")


@given(SETTINGS)
def test_plain_gives_what_json_gives_back(settings: Settings) -> None:
    assert keys.plain(MappingProxyType(dict(settings))) == settings
    assert keys.plain((1, (2, PROMPT)))[1][1]["text"] == "a cat"  # type: ignore[index, call-overload]


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), JSON, JSON)
def test_a_pattern_gives_the_digest_of_the_whole_payload(alike, first, second):
    pattern = keys.KeyPattern.of({**alike, "b": "taken"}, "a", "b")
    assert pattern.given(first).key(second) == keys.digest({**alike, "a": first, "b": second})
