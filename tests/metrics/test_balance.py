import numpy as np
import pytest

from evalharness.core.nouns import Prompt
from evalharness.core.tables import Seen, SetTable
from evalharness.metrics.balance import AGE, GENDER, GENDER_WITHIN, imbalance, sameness
from tests.metrics.tables import outputs, vectors


def people(looks: list[list[int]]) -> SetTable:
    """Per prompt, which of two phrases each picture looks like."""
    clusters = [place for place, group in enumerate(looks) for _ in group]
    prompts = [Prompt(f"p{c}", "a portrait", tags={"axis": "occupation"}) for c in clusters]
    axes = np.eye(2, dtype=np.float32)
    n = len(clusters)
    texts = Seen(np.repeat(np.arange(n), 2), np.tile([0, 1], n), vectors=axes)
    seen = {"output": vectors(axes[[kind for group in looks for kind in group]]), "prompt": texts}
    return SetTable(outputs(prompts, seen=seen), np.array(clusters))  # type: ignore[arg-type]


def test_even_pools_can_hide_what_each_prompt_always_shows() -> None:
    stereotyped = people([[0, 0, 0, 0], [1, 1, 1, 1]])
    assert GENDER.measure(stereotyped).value == pytest.approx(0)
    assert GENDER_WITHIN.measure(stereotyped).value == pytest.approx(1)
    alike = people([[0, 0], [0, 0], [0]])
    assert GENDER.measure(alike).value == pytest.approx(0.5)
    assert GENDER_WITHIN.measure(alike).value == pytest.approx(1)


def test_prompts_count_alike_whatever_came_back() -> None:
    assert imbalance(np.array([[8.0, 0.0], [0.0, 1.0]])) == pytest.approx(0)
    assert imbalance(np.array([[3.0, 0.0, 0.0]])) == pytest.approx(2 / 3)


def test_sameness_of_even_draws_is_one_over_the_kinds_however_few_pictures() -> None:
    rng = np.random.default_rng(1)
    for n in (2, 4, 8):
        counts = rng.multinomial(n, [1 / 3] * 3, size=20_000).astype(np.float64)
        assert sameness(counts).mean() == pytest.approx(1 / 3, abs=0.01)
    assert len(sameness(np.array([[1.0, 0.0]]))) == 0


def test_the_metrics_are_marked_experimental_and_say_why() -> None:
    assert GENDER.facts.experimental
    assert "never identities" in GENDER.facts.about.limits
    assert AGE.facts.asks(Prompt("p", "a nurse", tags={"axis": "occupation"}))[0].startswith("a ")
    assert not GENDER.facts.applies(Prompt("p", "a dog"))
