"""A scribe's answers have exactly the programmed truth."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from evalharness.backends.scribe import ENTRY
from evalharness.catalog import registry
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.nouns import InputPicture, Json, Prompt
from evalharness.core.outcomes import Status
from tests.backends.scribe.written import answers, questions, scribe, suite_prompts, texts
from tests.metrics.text.answered import score

RIGHT = {
    "arithmetic": ("exact_match", "number_match", "contains_target"),
    "classification": ("label.correct",),
    "instruction-following": ("ifeval.prompt_strict",),
    "reasoning": ("number_match", "multiple_choice.correct"),
    "summarisation": ("exact_match", "contains_target"),
    "translation": ("exact_match", "contains_target"),
    "vision": ("vqa_accuracy", "number_match", "multiple_choice.correct", "label.correct"),
    "vision-captions": ("contains_target",),
    "vision-labels": ("label.correct",),
    "writing-editing": ("exact_match", "json.schema", "ifeval.prompt_strict"),
}
"""The metrics of each suite that are 1 for a right answer and 0 for a wrong one."""

WORDY = {"exact_match", "vqa_accuracy"}
"""Those that fall when words stand around an answer."""


def scored(suite: str, metric: str, **options: Json) -> list[float]:
    applies = registry.metric(metric).facts.applies
    asked = [prompt for prompt in suite_prompts(suite) if applies(prompt)]
    assert asked
    given = texts(asked, **options)
    return [score(metric, prompt, answer) for prompt, answer in zip(asked, given, strict=True)]


CASES = [(suite, metric) for suite, metrics in RIGHT.items() for metric in metrics]


@pytest.mark.parametrize(("suite", "metric"), CASES)
def test_every_shipped_prompt_can_be_answered_right_and_wrong(suite: str, metric: str) -> None:
    assert set(scored(suite, metric)) == {1.0}
    assert set(scored(suite, metric, accuracy=0)) == {0.0}
    assert set(scored(suite, metric, decline=1)) == {0.0} or metric.startswith("ifeval")


@pytest.mark.parametrize(("suite", "metric"), [case for case in CASES if case[1] not in WORDY])
def test_many_words_change_nothing_about_right_and_wrong(suite: str, metric: str) -> None:
    few = scored(suite, metric, accuracy=0.6)
    assert few == scored(suite, metric, accuracy=0.6, verbosity=7)
    assert set(few) == {0.0, 1.0}


def test_words_around_an_answer_are_many_and_in_its_language() -> None:
    asked = suite_prompts("translation")
    short, long = texts(asked), texts(asked, verbosity=6)
    for prompt, few, many in zip(asked, short, long, strict=True):
        assert len(many) > len(few) + 150
        assert score("language.right", prompt, many) == 1.0
    wrong = texts(asked, accuracy=0)
    assert all(score("language.right", p, a) == 1.0 for p, a in zip(asked, wrong, strict=True))


@pytest.mark.parametrize(
    ("suite", "metric", "kept"),
    [
        ("arithmetic", "exact_match", "number_match"),
        ("translation", "exact_match", "contains_target"),
        ("classification", "label.correct", None),
        ("reasoning", "multiple_choice.correct", None),
        ("writing-editing", "json.schema", None),
        ("summarisation", "ifeval.prompt_strict", "contains_target"),
        ("instruction-following", "ifeval.prompt_strict", None),
    ],
)
def test_a_broken_form_is_noticed(suite: str, metric: str, kept: str | None) -> None:
    assert set(scored(suite, metric, format_error=1)) == {0.0}
    assert set(scored(suite, metric, format_error=1, verbosity=3)) == {0.0}
    if kept is not None:
        assert set(scored(suite, kept, format_error=1)) == {1.0}


def test_broken_forms_settle_on_nothing() -> None:
    assert set(scored("classification", "label.outside", format_error=1)) == {1.0}
    assert set(scored("reasoning", "multiple_choice.unparsable", format_error=1)) == {1.0}
    assert set(scored("writing-editing", "json.valid", format_error=1)) == {0.0}
    assert set(scored("writing-editing", "json.valid", accuracy=0)) == {1.0}
    assert set(scored("classification", "label.outside", accuracy=0)) == {0.0}


def test_code_stands_in_a_fence_and_wrong_code_is_other_code() -> None:
    asked = suite_prompts("code")
    right, wrong = texts(asked), texts(asked, accuracy=0)
    for one, other in zip(right, wrong, strict=True):
        assert one.startswith("```python\n")
        assert one.endswith("\n```")
        assert one != other
    lost = texts(asked, format_error=1)
    for prompt, answer in zip(asked, lost, strict=True):
        code = prompt.checks["code"]
        assert isinstance(code, dict)
        assert f"{code['entry_point']}(" not in answer
        assert "```" not in answer


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9, 1.0])
def test_rates_are_met(rate: float) -> None:
    asked, n = questions(200), 1000
    right = [str(p.target) for p in asked for _ in range(5)]
    seeds = range(5)
    met = {
        "accuracy": sum(map(str.__eq__, texts(asked, seeds, accuracy=rate), right)),
        "decline": sum("sorry" in a for a in texts(asked, seeds, decline=rate)),
        "format": sum("<|end|>" in a for a in texts(asked, seeds, format_error=rate)),
        "refuse": sum(a.status is Status.REFUSED for a in answers(asked, seeds, refuse=rate)),
    }
    for fault, hits in met.items():
        assert binomtest(hits, n, rate).pvalue > 1e-4, fault


def test_scribes_err_on_the_same_prompts_whatever_else_they_do() -> None:
    asked = questions(300)
    few = texts(asked, accuracy=0.7)
    many = texts(asked, accuracy=0.7, verbosity=4)
    better = texts(asked, accuracy=0.9)
    for prompt, one, long, higher in zip(asked, few, many, better, strict=True):
        assert one in long
        assert one != prompt.target or higher == prompt.target
    other = texts(asked, accuracy=0.7, hand=1)
    assert other != few
    declined = texts(asked, accuracy=0.7, decline=0.5)
    assert all(a == b or "sorry" in b for a, b in zip(few, declined, strict=True))


def test_pictures_that_are_asked_the_same_have_fates_of_their_own() -> None:
    pictures = [InputPicture(f"{i:064x}", f"{i}.png") for i in range(400)]
    asked = [
        Prompt(f"p{i}", "What is it?", "ball", images=(one,)) for i, one in enumerate(pictures)
    ]
    right = [answer == "ball" for answer in texts(asked, accuracy=0.7)]
    assert binomtest(sum(right), len(right), 0.7).pvalue > 1e-4
    renamed = [replace(prompt, images=(replace(prompt.images[0], path="x"),)) for prompt in asked]
    assert [answer == "ball" for answer in texts(renamed, accuracy=0.7)] == right


def test_the_same_job_has_the_same_answer() -> None:
    asked, fates = suite_prompts("reasoning"), {"accuracy": 0.5, "verbosity": 3}
    assert texts(asked, (0, 1), **fates) == texts(asked, (0, 1), **fates)


def test_a_stubborn_scribe_has_one_fate_a_prompt() -> None:
    asked, seeds = questions(400), range(4)
    for share, low, high in ((1.0, 0, 0), (0.5, 120, 240), (0.0, 320, 380)):
        found = texts(asked, seeds, accuracy=0.5, stubborn=share)
        right = np.array([a == p.target for p, a in zip(np.repeat(asked, 4), found, strict=True)])
        mixed = sum(0 < row.sum() < 4 for row in right.reshape(-1, 4))
        assert low <= mixed <= high, share


@given(
    st.text(min_size=1).filter(lambda text: any(c.isalnum() for c in text) and text.strip()),
    st.integers(0, 5),
)
def test_a_wrong_answer_is_never_the_target_nor_says_it(target: str, seed: int) -> None:
    asked = Prompt("p", "What?", target)
    [answer] = texts([asked], (seed,), accuracy=0)
    assert answer.strip() != target.strip()
    assert score("normalised_match", asked, answer) == 0.0
    assert score("contains_target", asked, answer) == 0.0


def test_a_wrong_label_is_not_a_longer_name_of_the_right_one() -> None:
    asked = Prompt("p", "?", "fair", {"labels": ["fair", "not fair", "unclear"]})
    assert set(texts([asked], range(30), accuracy=0)) == {"unclear"}


def test_a_wrong_answer_does_not_fit_the_pattern() -> None:
    asked = Prompt("p", "Which colour has the sky?", "blue", {"pattern": "(?i)blue|garden"})
    for answer in texts([asked], range(40), accuracy=0, verbosity=5):
        assert score("pattern_match", asked, answer) == 0.0
    for answer in texts([asked], range(40), verbosity=5):
        assert score("pattern_match", asked, answer) == 1.0


def test_what_nobody_says_is_not_invented() -> None:
    [answer] = answers([Prompt("p", "Tell me something.")])
    assert answer.status is Status.FAILED
    assert "nothing says what is right" in answer.reason


def test_answers_of_ones_own_are_read_and_belong_to_the_revision(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"text": "Tell me.", "right": "All.", "wrong": "Nothing."}) + "\n")
    asked = [Prompt("p", "Tell me.")]
    assert texts(asked, answers=str(file)) == ["All."]
    assert texts(asked, answers=str(file), accuracy=0) == ["Nothing."]
    first = ENTRY.resolve(scribe(answers=str(file))).revision
    file.write_text(json.dumps({"text": "Tell me.", "right": "Everything."}) + "\n")
    assert ENTRY.resolve(scribe(answers=str(file))).revision != first
    assert ENTRY.resolve(scribe()).revision not in (first, "")


@pytest.mark.parametrize(("target", "right"), [("3", "three"), ("12 km", "a dozen kilometres")])
def test_a_number_known_in_words_has_wrong_answers_too(
    tmp_path: Path, target: str, right: str
) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"text": "How many?", "right": right}) + "\n")
    asked = Prompt("p", "How many?", target)
    assert texts([asked], answers=str(file)) == [right]
    for answer in texts([asked], range(20), answers=str(file), accuracy=0):
        assert score("number_match", asked, answer) == 0.0
        assert any(character.isdecimal() for character in answer)


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"text": "a"}', '{"text": "a", "right": 1}'])
def test_a_wrong_file_of_answers_is_told(tmp_path: Path, line: str) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(BadInputError, match=r"mine.jsonl:1"):
        ENTRY.resolve(scribe(answers=str(file)))
    with pytest.raises(BadInputError, match="Cannot read"):
        ENTRY.resolve(scribe(answers=str(tmp_path / "none.jsonl")))


@pytest.mark.parametrize(
    "options", [{"accuracy": 1.5}, {"accuracy": "high"}, {"verbosity": 1.5}, {"decline": -0.1}]
)
def test_wrong_options_are_told(options: dict[str, Json]) -> None:
    with pytest.raises(BadInputError):
        ENTRY.resolve(scribe(**options))


def test_unknown_options_are_told() -> None:
    with pytest.raises(UnknownNameError, match="accuracy"):
        ENTRY.resolve(scribe(acuracy=0.5))


def test_the_registry_knows_it() -> None:
    assert registry.backend("scribe") is ENTRY
    assert ENTRY.modality == "text"
