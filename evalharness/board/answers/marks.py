"""Where an answer says what counts: the target, the number, the choice, the match of a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.answers import accepted, expects, offered, offers
from evalharness.metrics.text.bounded import place_of
from evalharness.metrics.text.number_match import has_number, last_number, place_of_last_number
from evalharness.metrics.text.readings import read_choice, read_name

LONGEST_TARGET = 40
"""Characters of an expected answer beyond which it is not looked for in an answer, word by word."""

MOST_WORDS_OF_A_NUMBER = 3

LETTERS = 26
"""Choices that have a letter."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` … `end` of an answer; `right` says whether what stands there is right."""

    start: int
    end: int
    right: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer was taken to say (a choice, a label, a number), in a few words."""

    text: str
    right: bool


def reading(prompt: Prompt, answer: str) -> Reading | None:
    """What the metrics of choices, labels and numbers read; None where none of them applies."""
    for check, read in (("choices", read_choice), ("labels", read_name)):
        if not offers(prompt, check):
            continue
        texts, target = _offered(prompt, check)
        place = read(answer, texts)
        if place is None:
            return Reading("none of them", False)
        return Reading(lettered(place, texts[place], check), place == target)
    if _wants_a_number(prompt):
        at = place_of_last_number(answer)
        if at is None:
            return Reading("no number", False)
        return Reading(answer[slice(*at)].strip(), _is_number(prompt, answer))
    return None


def lettered(place: int, text: str, check: str) -> str:
    """A choice with the letter that the model was shown; a label as it is."""
    return f"{chr(ord('A') + place)}. {text}" if check == "choices" and place < LETTERS else text


def _offered(prompt: Prompt, check: str) -> tuple[tuple[str, ...], int | None]:
    try:
        return offered(prompt, check)
    except UnmeasurableError:  # a check that no metric reads: nothing in it is right
        listed = prompt.checks.get(check)
        return tuple(map(str, listed)) if isinstance(listed, list) else (), None


def _wants_a_number(prompt: Prompt) -> bool:
    """Whether the target is a number, perhaps with its unit: not a sentence that holds one."""
    return has_number(prompt) and len((prompt.target or "").split()) <= MOST_WORDS_OF_A_NUMBER


def _is_number(prompt: Prompt, answer: str) -> bool:
    number = last_number(answer)
    return number is not None and any(number == last_number(one) for one in _accepted(prompt))


def _accepted(prompt: Prompt) -> tuple[str, ...]:
    try:
        return accepted(prompt) if expects(prompt) else ()
    except UnmeasurableError:
        return ()


def marks(prompt: Prompt, answer: str) -> tuple[Mark, ...]:
    """What to mark in an answer, in order and without overlaps; the first found goes before."""
    kept: list[Mark] = []
    for one in _found(prompt, answer):
        if one.start < one.end and not any(
            one.start < other.end and other.start < one.end for other in kept
        ):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))


def _found(prompt: Prompt, answer: str) -> Iterator[Mark]:
    pattern = prompt.checks.get("pattern")
    if isinstance(pattern, str):
        try:
            at = place_of(pattern, answer)
        except UnmeasurableError:  # no expression, or one that takes for ever
            at = None
        if at is not None:
            yield Mark(*at, right=True)
    yield from _of_instructions(prompt, answer)
    for check, read in (("choices", read_choice), ("labels", read_name)):
        if offers(prompt, check):
            texts, target = _offered(prompt, check)
            place = read(answer, texts)
            if place is not None:
                last = _named(answer, texts[place], check, place)[-1:]
                yield from (Mark(*at, right=place == target) for at in last)
            return
    if _wants_a_number(prompt):
        number = place_of_last_number(answer)
        if number is not None:
            yield Mark(*number, right=_is_number(prompt, answer))
        return
    for text in _accepted(prompt):
        yield from (Mark(*at, right=True) for at in _places(text, answer))


def _named(answer: str, text: str, check: str, place: int) -> list[tuple[int, int]]:
    """Where an answer names what was read: by its words, or else a choice by its letter."""
    named = _places(text, answer)
    if named or check != "choices" or place >= LETTERS:
        return named
    letter = chr(ord("A") + place)
    return [one.span() for one in re.finditer(rf"(?<![\w'’]){letter}(?![\w'’])", answer)]


def _of_instructions(prompt: Prompt, answer: str) -> Iterator[Mark]:
    """Words that instructions ask for, and words that they forbid."""
    listed = prompt.checks.get("instructions")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        for name, right in (("keywords", True), ("forbidden_words", False)):
            words: Json = one.get(name)
            for word in words if isinstance(words, list) else ():
                yield from (Mark(*at, right=right) for at in _places(str(word), answer))


def _places(text: str, answer: str) -> list[tuple[int, int]]:
    """Where a short text stands in an answer as whole words, whatever its case."""
    words = text.split()
    if not words or len(text) > LONGEST_TARGET:
        return []
    joined = r"\s+".join(map(regex.escape, words))
    found = regex.finditer(rf"(?i)(?<!\w){joined}(?!\w)", answer)
    return [one.span() for one in found]
