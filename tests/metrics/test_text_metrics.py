import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional.text import char_error_rate
from torchmetrics.functional.text import word_error_rate as torch_word_error_rate

from evalharness.core.nouns import Prompt
from evalharness.metrics import exact_match
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text_accuracy import (
    CER,
    EXACT,
    character_error_rate,
    edit_distance,
    normalised,
)
from evalharness.metrics.text_words import (
    EXTRA,
    MISSING,
    WER,
    extra_words,
    missing_words,
    word_error_rate,
)
from tests.metrics.tables import outputs, words

LETTERS = st.text(alphabet="abcdé ", max_size=12)


def test_known_distances() -> None:
    assert edit_distance("rain", "shine") == 3
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3
    assert edit_distance("abc", "") == 3
    assert edit_distance("日本語", "日語") == 1


@given(LETTERS.filter(lambda s: bool(s.strip())), LETTERS)
def test_error_rate_equals_torchmetrics(asked: str, read: str) -> None:
    expected = char_error_rate([normalised(read)], [normalised(asked)])
    assert character_error_rate(asked, read) == pytest.approx(float(expected), abs=1e-6)


@given(LETTERS.filter(lambda s: bool(s.strip())), LETTERS)
def test_word_error_rate_equals_torchmetrics(asked: str, read: str) -> None:
    expected = torch_word_error_rate([normalised(read)], [normalised(asked)])
    assert word_error_rate(asked, read) == pytest.approx(float(expected), abs=1e-6)


@given(LETTERS.filter(lambda s: bool(s.strip())), LETTERS)
def test_shares_of_words_are_shares(asked: str, read: str) -> None:
    assert 0.0 <= missing_words(asked, read) <= 1.0
    assert 0.0 <= extra_words(asked, read) <= 1.0
    assert missing_words(asked, f"{read} {asked}") == 0.0
    assert extra_words(asked, asked) == 0.0


def test_words_are_found_missing_extra_or_wrong() -> None:
    assert missing_words("OPEN ALL NIGHT", "open night") == pytest.approx(1 / 3)
    assert extra_words("OPEN", "OPEN 24 HOURS") == pytest.approx(2 / 3)
    assert word_error_rate("OPEN ALL NIGHT", "OPEN AL NIGHT") == pytest.approx(1 / 3)
    assert missing_words("no no no", "No") == pytest.approx(2 / 3)
    assert (missing_words("OPEN", ""), extra_words("OPEN", "")) == (1.0, 0.0)


def test_words_of_prompts_without_lettering_are_not_judged() -> None:
    prompts = [Prompt("a", "A sign", checks={"lettering": "OPEN LATE"}), Prompt("b", "A cat")]
    table = outputs(prompts, seen={"output": words(["late", "cat"])})
    np.testing.assert_allclose(WER.measure(table), [0.5, np.nan])
    np.testing.assert_allclose(MISSING.measure(table), [0.5, np.nan])
    np.testing.assert_allclose(EXTRA.measure(table), [0.0, np.nan])


@settings(max_examples=50)
@given(st.text(max_size=10), st.text(max_size=10), st.text(max_size=10))
def test_edit_distance_is_a_metric(a: str, b: str, c: str) -> None:
    ab = edit_distance(a, b)
    assert (ab == 0) == (a == b)
    assert ab == edit_distance(b, a)
    assert abs(len(a) - len(b)) <= ab <= max(len(a), len(b))
    assert edit_distance(a, c) <= ab + edit_distance(b, c)


def test_case_and_space_do_not_count_and_extra_words_do() -> None:
    assert character_error_rate("Open  Late", " OPEN\nLATE ") == 0.0
    assert character_error_rate("OPEN", "OPEN LATE") == 5 / 4
    assert character_error_rate("OPEN", "") == 1.0


def test_lettering_metrics_skip_prompts_that_ask_for_none() -> None:
    prompts = [
        Prompt("a", "A sign", checks={"lettering": "OPEN"}),
        Prompt("b", "A cat"),
        Prompt("c", "A sign", checks={"lettering": "Stop"}),
    ]
    read = ["OPFN", "", "STOP"]
    table = outputs(prompts, seen={"output": words(read)})
    np.testing.assert_allclose(CER.measure(table), [0.25, np.nan, 0.0])
    np.testing.assert_allclose(EXACT.measure(table), [0.0, np.nan, 1.0])
    assert [CER.facts.applies(prompt) for prompt in prompts] == [True, False, True]


@pytest.mark.parametrize("lettering", [3, "", "  "])
def test_unusable_lettering_is_refused(lettering: object) -> None:
    prompt = Prompt("sign", "A sign", checks={"lettering": lettering})
    with pytest.raises(UnmeasurableError, match="lettering"):
        CER.measure(outputs([prompt], seen={"output": words(["OPEN"])}))


def test_exact_match_ignores_outer_space_only() -> None:
    prompts = [Prompt(i, "?", target="42") for i in "abcd"] + [Prompt("e", "?")]
    table = outputs(prompts, texts=[" 42\n", "4 2", "43", None, "42"])
    found = exact_match.METRIC.measure(table)
    np.testing.assert_array_equal(found, [1.0, 0.0, 0.0, np.nan, np.nan])
