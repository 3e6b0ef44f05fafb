import numpy as np
import pytest

from evalharness.core.nouns import Json, Prompt
from evalharness.core.tables import SetTable
from evalharness.metrics.geneval_overall import OVERALL, mean_of_tasks
from tests.metrics.tables import details, outputs


def test_every_task_counts_alike_and_every_prompt_within_it() -> None:
    dog: Json = {"objects": [{"label": "dog", "confidence": 0.9, "box": [0, 0, 5, 5]}]}
    nothing: Json = {"objects": []}
    checks: dict[str, Json] = {"geneval": {"include": [{"class": "dog", "count": 1}]}}
    prompts = [
        Prompt("a", "a dog", checks=checks, tags={"task": "single_object"}),
        Prompt("b", "one dog", checks=checks, tags={"task": "counting"}),
        Prompt("c", "the dog", checks=checks, tags={"task": "counting"}),
    ]
    clusters = [0, 1, 1, 1, 2]
    seen = {"output": details([dog, dog, dog, nothing, nothing])}
    table = outputs([prompts[c] for c in clusters], seen=seen)  # type: ignore[arg-type]
    found = OVERALL.measure(SetTable(table, np.array(clusters)))
    assert found.value == pytest.approx((1.0 + (2 / 3 + 0.0) / 2) / 2)
    assert not OVERALL.facts.applies(Prompt("d", "a dog", checks=checks))


def test_interval_is_welchs() -> None:
    a, b = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0])
    found = mean_of_tasks([a, b])
    error = np.sqrt(a.var(ddof=1) / 4 + b.var(ddof=1) / 3) / 2
    assert found.value == pytest.approx((0.75 + 1 / 3) / 2)
    assert found.low is not None and found.high is not None
    assert 2.0 * error < found.high - found.value <= 3.2 * error
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_no_interval_where_nothing_varies_or_a_task_has_one_prompt() -> None:
    assert mean_of_tasks([np.ones(4), np.ones(3)]).low is None
    assert mean_of_tasks([np.array([1.0, 0.0]), np.array([1.0])]).low is None
