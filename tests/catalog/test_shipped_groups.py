"""The suites that ask one thing in several ways, and those that ask about people and harm."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Prompt
from evalharness.metrics.text_accuracy import edit_distance
from evalharness.tinyworld.parser import parse

ROOT = Path(__file__).resolve().parents[2]
VARIANTS = {
    "original",
    "typo",
    "typo-heavy",
    "paraphrase",
    "word-order",
    "casing",
    "punctuation",
}
SCRIPTS = {
    "ar": {"ARABIC"},
    "hi": {"DEVANAGARI"},
    "ja": {"CJK", "HIRAGANA", "KATAKANA"},
    "ko": {"HANGUL"},
    "ru": {"CYRILLIC"},
    "zh": {"CJK"},
} | {code: {"LATIN"} for code in ("de", "en", "es", "fr", "id", "it", "pt", "sw")}
OF_A_GENDER_OR_AGE = set(
    re.findall(
        r"\w+",
        "man men woman women boy girl male female masculine feminine he she his her him lady "
        "gentleman mother father husband wife old young elderly aged adult teenager child black "
        "white brown asian african european pale dark",
    )
)


def prompts_of(name: str) -> tuple[Prompt, ...]:
    return load_suite(str(ROOT / "suites" / f"{name}.yaml")).prompts


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def groups(name: str, kind: str) -> dict[str, dict[str, Prompt]]:
    """group → variant or language → prompt."""
    found: dict[str, dict[str, Prompt]] = {}
    for prompt in prompts_of(name):
        members = found.setdefault(prompt.tags["group"], {})
        assert prompt.tags[kind] not in members, prompt.id
        members[prompt.tags[kind]] = prompt
    return found


def test_every_original_has_every_variant() -> None:
    found = groups("robustness", "variant")
    assert len(found) == 30
    for members in found.values():
        assert members.keys() == VARIANTS
        assert len({prompt.tags["category"] for prompt in members.values()}) == 1


def test_variants_mean_their_original() -> None:
    for members in groups("robustness", "variant").values():
        original = members["original"]
        assert not original.checks
        for variant, prompt in members.items():
            if variant != "original":
                assert prompt.checks == {"meaning": original.text}
                assert prompt.text != original.text


def test_variants_change_what_they_are_named_after() -> None:
    for members in groups("robustness", "variant").values():
        texts = {variant: prompt.text for variant, prompt in members.items()}
        said = texts["original"]
        wrong = {v: edit_distance(said, texts[v]) / len(said) for v in ("typo", "typo-heavy")}
        assert 0 < wrong["typo"] < 0.1, texts["typo"]
        assert 0.15 < wrong["typo-heavy"] < 0.35, texts["typo-heavy"]
        assert texts["casing"].casefold() == said.casefold()
        assert words(texts["punctuation"]) == words(said)
        kept = len(set(words(texts["word-order"])) & set(words(said))) / len(set(words(said)))
        assert kept >= 0.7
        assert words(texts["word-order"]) != words(said)
        new = set(words(texts["paraphrase"])) - set(words(said))
        assert len(new) / len(set(words(texts["paraphrase"]))) >= 0.4, texts["paraphrase"]


def test_every_prompt_is_there_in_every_language() -> None:
    found = groups("multilingual", "language")
    assert len(found) == 20
    for members in found.values():
        assert members.keys() == SCRIPTS.keys()
        english = members["en"]
        assert not english.checks
        for language, prompt in members.items():
            if language != "en":
                assert prompt.checks == {"meaning": english.text}
                assert prompt.text != english.text


@pytest.mark.parametrize("language", SCRIPTS)
def test_languages_are_written_in_their_scripts(language: str) -> None:
    seen: set[str] = set()
    for prompt in prompts_of("multilingual"):
        if prompt.tags["language"] == language:
            letters = [c for c in prompt.text if unicodedata.category(c).startswith("L")]
            scripts = {re.split("[ -]", unicodedata.name(letter))[0] for letter in letters}
            assert scripts <= SCRIPTS[language], prompt.text
            assert unicodedata.is_normalized("NFC", prompt.text)
            seen |= scripts
    assert seen == SCRIPTS[language]


def test_balance_says_nothing_of_gender_age_or_skin() -> None:
    for prompt in prompts_of("balance"):
        assert not set(words(prompt.text)) & OF_A_GENDER_OR_AGE, prompt.text
        axis = prompt.tags["axis"]
        assert prompt.tags.keys() == {"axis", "field", axis}
        if axis != "activity":
            assert prompt.tags[axis] in prompt.text


def test_balance_is_balanced_and_asked_often_enough() -> None:
    suite = load_suite(str(ROOT / "suites" / "balance.yaml"))
    assert len(suite.seeds) >= 8
    assert Counter(p.tags["axis"] for p in suite.prompts) == {
        "occupation": 36,
        "trait": 16,
        "activity": 12,
    }
    fields = Counter((p.tags["axis"], p.tags["field"]) for p in suite.prompts)
    assert {(axis, count) for (axis, _), count in fields.items()} == {
        ("occupation", 4),
        ("trait", 8),
        ("activity", 4),
    }


def test_every_hazard_has_as_many_harmless_neighbours() -> None:
    prompts = prompts_of("safety")
    assert all(prompt.tags.keys() == {"expect", "hazard"} for prompt in prompts)
    table = Counter((p.tags["hazard"], p.tags["expect"]) for p in prompts)
    assert len(table) == 20
    assert {expect for _, expect in table} == {"answer", "refuse"}
    assert set(table.values()) == {4}


def test_safety_stays_short_and_spares_children() -> None:
    for prompt in prompts_of("safety"):
        said = words(prompt.text)
        assert len(said) <= 20
        if prompt.tags["expect"] == "refuse":
            assert not set(said) & {"child", "children", "girl", "boy", "teenager", "teenagers"}


def test_knowledge_is_balanced_over_its_domains() -> None:
    prompts = prompts_of("knowledge")
    assert set(Counter(p.tags["domain"] for p in prompts).values()) == {10}
    assert len(prompts) == 100
    assert all(prompt.checks.keys() == {"questions"} for prompt in prompts)


def test_the_embedded_world_understands_the_smoke_test() -> None:
    prompts = prompts_of("smoke")
    assert len(prompts) == 12
    assert Counter(p.tags["challenge"] for p in prompts) == {
        "subject": 3,
        "count": 3,
        "relation": 3,
        "lettering": 3,
    }
    for prompt in prompts:
        scene = parse(prompt.text)
        assert (scene.aesthetic or "none") == prompt.tags["style"]
        if scene.lettering is not None:
            assert prompt.checks == {"lettering": scene.lettering}
            continue
        rule = prompt.checks["geneval"]
        assert isinstance(rule, dict)
        include = rule["include"]
        assert isinstance(include, list)
        asked = {"class": scene.thing.object, "count": scene.count or 1}
        asked["color"] = scene.thing.colour
        if scene.other is None:
            assert include == [asked]
        else:
            other = {"class": scene.other.object, "count": 1, "color": scene.other.colour}
            assert include == [other, {**asked, "position": [scene.relation, 0]}]
