"""A misspelt setting is told from the plan: no weights are looked for, and no worker starts."""

from collections.abc import Callable

import pytest

from evalharness.core.nouns import Json
from evalharness.runner.asked import Asked
from evalharness.runner.plan import Choices
from evalharness.runner.run import RunReport

PROMPTS = [{"id": "one", "text": "1 + 1?", "target": "2"}]
SERVED = "http://127.0.0.1:9/v1#it"


@pytest.mark.parametrize(("backend", "source"), [("transformers", "./gone"), ("server", SERVED)])
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"max_tokens": 5}, "Did you mean 'max_new_tokens'"),
        ({"max_new_tokens": "five"}, "'five'; expected"),
        ({"stop": [1]}, "expected"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_loaded(
    model: Callable[..., str],
    suite: Callable[..., str],
    go: Callable[..., RunReport],
    backend: str,
    source: str,
    settings: dict[str, Json],
    told: str,
) -> None:
    wrong = model("wrong", backend=backend, source=source, modality="text")
    right = model("right", modality="text")
    written = suite(prompts=PROMPTS, modality="text", metrics=["normalised_match"], seeds=1)
    report = go(Asked((written,), models=(wrong, right), choices=Choices(overrides=settings)))
    assert told in report.problems["wrong"]
    assert "gone" not in report.problems["wrong"]
    assert report.generated == 1
