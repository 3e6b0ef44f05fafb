import numpy as np
import pytest

from evalharness.core.nouns import Json, Prompt
from evalharness.core.styles import AESTHETICS, TINYWORLD
from evalharness.core.tables import OutputTable, Seen, SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.looks import (
    DEFAULT_LOOK,
    STEERABILITY,
    STYLE_MATCH,
    all_phrases,
    concentration,
)
from tests.metrics.tables import outputs, vectors


def asked(style: str | None, styles: str = "tinyworld") -> Prompt:
    checks: dict[str, Json] = {"styles": styles}
    if style is not None:
        checks["style"] = style
    return Prompt(f"{style}", "a ball", checks=checks)


def seen(prompts: list[Prompt], looks: list[str], metric: str = "asked") -> OutputTable:
    """Pictures that have the looks `looks`: each look is a direction of its own."""
    phrases = [style.phrase for style in TINYWORLD.values()]
    ask = STEERABILITY.facts.asks if metric == "asked" else all_phrases
    of = [i for i, prompt in enumerate(prompts) for _ in ask(prompt)]
    at = [phrases.index(text) for prompt in prompts for text in ask(prompt)]
    axes = np.eye(len(phrases), dtype=np.float32)
    pictures = vectors(axes[[list(TINYWORLD).index(look) for look in looks]] + 0.1)
    texts = Seen(np.array(of), np.array(at), vectors=axes)
    return outputs(prompts, seen={"output": pictures, "prompt": texts})


def test_who_has_the_look_asked_for_wins() -> None:
    prompts = [asked("watercolour"), asked("pixel art"), asked("photograph")]
    table = seen(prompts, ["watercolour", "photograph", "photograph"])
    np.testing.assert_array_equal(STEERABILITY.measure(table), [1.0, 0.0, 1.0])
    match = STYLE_MATCH.measure(table)
    assert ((match >= 0) & (match <= 1)).all()
    assert match[0] > 0.99
    assert match[1] < 0.01


def test_a_tie_is_no_win() -> None:
    table = seen([asked("watercolour")], ["watercolour"])
    even = Seen(np.zeros(1, np.int64), np.zeros(1, np.int64), vectors=np.ones((1, 4), np.float32))
    tied = outputs(table.prompts, seen={"output": even, "prompt": table.seen["prompt"]})
    assert STEERABILITY.measure(tied).tolist() == [0.0]
    assert STYLE_MATCH.measure(tied) == pytest.approx([0.25])


def test_kinds_of_the_look_asked_for_are_no_rivals() -> None:
    texts = STEERABILITY.facts.asks(asked("photograph", "aesthetics"))
    assert texts[0] == AESTHETICS["photograph"].phrase
    assert AESTHETICS["food photograph"].phrase not in texts
    food = STEERABILITY.facts.asks(asked("food photograph", "aesthetics"))
    assert set(food) == {style.phrase for style in AESTHETICS.values()}


def test_only_prompts_with_a_vocabulary_are_judged() -> None:
    prompts = [asked("photograph"), asked(None), Prompt("p", "a ball"), asked("fresco")]
    assert [STEERABILITY.facts.applies(p) for p in prompts] == [True, False, False, False]
    assert [DEFAULT_LOOK.facts.applies(p) for p in prompts] == [False, True, False, False]


def test_default_look_is_one_for_a_model_with_one_look_and_zero_for_an_even_one() -> None:
    prompts = [asked(None) for _ in range(24)]
    for looks, expected in (
        (["watercolour"] * 24, 1.0),
        ([*TINYWORLD] * 6, 0.0),
        (["photograph", "watercolour"] * 12, 0.5),
    ):
        table = SetTable(seen(prompts, looks, "all"), np.arange(24))
        assert DEFAULT_LOOK.measure(table).value == pytest.approx(expected)


def test_concentration_of_counts() -> None:
    assert concentration(np.array([1.0, 1.0, 1.0])) == pytest.approx(0)
    assert concentration(np.array([0.0, 7.0, 0.0])) == pytest.approx(1)


def test_vectors_without_direction_are_refused() -> None:
    table = seen([asked("watercolour")], ["watercolour"])
    nothing = vectors(np.zeros((1, 4)))
    broken = outputs(table.prompts, seen={"output": nothing, "prompt": table.seen["prompt"]})
    with pytest.raises(UnmeasurableError, match="zero"):
        STEERABILITY.measure(broken)
