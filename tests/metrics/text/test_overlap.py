import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.core.nouns import Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text import libraries, shifts, translation
from tests.metrics.text.answered import prompt, score, set_score

ANSWERS = [
    "The quick brown fox jumped over the lazy dog near the river.",
    "She bought three apples and a loaf of bread at the market.",
    "It is raining in Paris today, so we stay at home.",
    "Nothing to do with it",
    "",
    "Der Hund schläft – „tief“ & fest.",
]
REFERENCES = [
    ["The quick brown fox jumps over the lazy dog by the river."],
    ["At the market she bought three apples and a loaf of bread.", "She bought bread."],
    ["We stay home today because it rains in Paris.", "It rains in Paris, so we stay in."],
    ["Entirely other words stand here, many of them"],
    ["An answer was expected."],
    ["Der Hund schläft tief & fest."],
]


def pairs() -> list[tuple[Prompt, str]]:
    return [
        (prompt(first, name=f"p{i}", targets=[*more]), answer)
        for i, (answer, [first, *more]) in enumerate(zip(ANSWERS, REFERENCES, strict=True))
    ]


@pytest.mark.parametrize("way", ["bleu", "chrf", "ter"])
def test_sets_and_sentences_score_as_in_sacrebleu(way: str) -> None:
    from sacrebleu.metrics import BLEU, CHRF, TER

    makers = {"bleu": BLEU, "chrf": CHRF, "ter": TER}
    options = {"word_order": 2} if way == "chrf" else {}
    columns = [[refs[i] if i < len(refs) else None for refs in REFERENCES] for i in range(2)]
    theirs = makers[way](**options)
    assert set_score(way, pairs()).value == theirs.corpus_score(ANSWERS, columns).score
    alone = makers[way](**options, **({"effective_order": True} if way == "bleu" else {}))
    for (asked, answer), references in zip(pairs(), REFERENCES, strict=True):
        expected = alone.sentence_score(answer, references).score
        assert score(f"{way}.sentence", asked, answer) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("way", "sentence"), [("bleu", False), ("chrf", True), ("ter", True)])
def test_signatures_are_sacrebleus(way: translation.Way, sentence: bool) -> None:
    scorer = translation._scorer(way, sentence)
    scorer.corpus_score(ANSWERS[:2], [["one", "two"], ["three", None]])
    name = f"{way.upper()}_SENTENCE" if sentence else way.upper()
    signature = getattr(translation, name).facts.signature
    assert signature is not None
    assert signature() == str(scorer.get_signature())


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from("abcdef"), max_size=24),
    st.lists(st.sampled_from("abcdef"), max_size=24),
)
def test_short_answers_take_the_edits_that_sacrebleu_counts(
    answer: list[str], reference: list[str]
) -> None:
    from sacrebleu.metrics.lib_ter import translation_edit_rate

    assert shifts.edits(answer, reference) == translation_edit_rate(answer, reference)[0]


def test_ter_of_a_very_long_answer_is_its_edit_distance() -> None:
    answer = " ".join(f"word{i % 7}" for i in range(200_000))
    assert score("ter.sentence", prompt("word1 word2"), answer) == pytest.approx(
        100 * (200_000 - 2) / 2
    )


def test_a_set_score_has_an_interval_from_ten_prompts_on() -> None:
    few = set_score("chrf", pairs())
    assert few.low is None
    many = [
        (prompt("the cat sat on the mat", name=f"p{i}"), "the cat sat on a mat"[: i + 4])
        for i in range(15)
    ]
    found = set_score("bleu", many)
    assert found.low is not None and found.high is not None
    assert found.low < found.value < found.high


@pytest.mark.parametrize("name", ["wer", "cer", "ter"])
@pytest.mark.parametrize("wrong", [1, 2, 15])
def test_the_interval_of_an_error_rate_stays_above_0(name: str, wrong: int) -> None:
    answers = ["the cat sat on a mat, a very long answer " * 9] * wrong
    answers += ["the cat sat on the mat"] * (15 - wrong)
    many = [
        (prompt("the cat sat on the mat", name=f"p{i}"), answer) for i, answer in enumerate(answers)
    ]
    found = set_score(name, many)
    if wrong == 15:
        assert (found.low, found.high) == (None, None)
    else:
        assert found.low is not None and found.high is not None
        assert 0.0 < found.low < found.value < found.high


@pytest.mark.parametrize("name", ["wer", "cer", "ter"])
def test_no_error_at_all_claims_no_certainty(name: str) -> None:
    asked = [prompt("the cat sat", name=f"p{i}") for i in range(15)]
    found = set_score(name, [(p, "the cat sat") for p in asked])
    assert (found.value, found.low, found.high) == (0.0, None, None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("1", "rouge1"), ("2", "rouge2"), ("l", "rougeL"), ("lsum", "rougeLsum")],
)
def test_rouge_is_rouge_scores(name: str, kind: str) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer([kind])
    for (asked, answer), references in zip(pairs(), REFERENCES, strict=True):
        expected = scorer.score_multi(references, answer)[kind].fmeasure
        assert score(f"rouge.{name}", asked, answer) == expected


def test_rouge_l_refuses_what_would_not_fit_in_memory() -> None:
    with pytest.raises(UnmeasurableError, match="too many for rougeL"):
        score("rouge.l", prompt("word " * 1000), "word " * 1_000_000)


@pytest.mark.parametrize("name", ["wer", "cer"])
def test_error_rates_are_torchmetrics(name: str) -> None:
    from torchmetrics.functional.text import char_error_rate, word_error_rate

    theirs = {"wer": word_error_rate, "cer": char_error_rate}[name]
    first = [references[0] for references in REFERENCES]
    single = [
        (prompt(reference, name=f"p{i}"), answer)
        for i, (reference, answer) in enumerate(zip(first, ANSWERS, strict=True))
    ]
    assert set_score(name, single).value == pytest.approx(float(theirs(ANSWERS, first)), rel=1e-6)
    for asked, answer in single:
        expected = float(theirs([answer], [asked.target]))
        assert score(f"{name}.sentence", asked, answer) == pytest.approx(expected, rel=1e-6)


def test_an_empty_reference_has_no_error_rate() -> None:
    with pytest.raises(UnmeasurableError, match="references are empty"):
        score("wer.sentence", prompt("  "), "word")


def test_a_missing_library_says_how_to_install_it() -> None:
    with pytest.raises(Exception, match=r"pip install evalharness\[text\]"):
        libraries.library("no_such_library_at_all")
