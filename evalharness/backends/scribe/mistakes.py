"""Wrong answers, which never hold nor deny the right one, and answers whose form is broken."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

import regex

from evalharness.backends.scribe.instruction_breaks import broken as breaking
from evalharness.backends.scribe.truth import (
    Form,
    accepted,
    entry_point,
    instructions_of,
    letter,
    texts_of,
)
from evalharness.backends.scribe.words import SENTENCES, language
from evalharness.core.nouns import Prompt

_UNDECIDED: Final = (
    "There is something to be said for more than one of them.",
    "Hard to say.",
    "…",
)
_MOST_WORDS_OF_A_NAME: Final = 3
_TRIES: Final = 50


def wrong_answer(form: Form, prompt: Prompt, right: str, draws: random.Random) -> str:
    """Another choice, label, number or sentence, a program that fails, a field misnamed."""
    match form:
        case "code":
            return f"def {entry_point(prompt)}(*given, **named):\n    return None\n"
        case "json":
            return _misnamed(right)
        case "instructed":
            return breaking(right, draws.choice(instructions_of(prompt)))
        case "choice" | "label":
            return _other(_offered(form, prompt), right, draws)
        case "number":
            digits = right if re.search(r"\d", right) else str(prompt.target)  # not "three"
            return _until_wrong(prompt, lambda: _other_number(digits, draws))
    return _until_wrong(prompt, lambda: _other_words(prompt, right, draws))


def broken_form(form: Form, prompt: Prompt, answer: str, draws: random.Random) -> str:
    """What was to be said, right or wrong, not in the form that was asked for."""
    instructions = instructions_of(prompt)
    if instructions:
        return breaking(answer, draws.choice(instructions))
    match form:
        case "code":
            name = entry_point(prompt)
            return re.sub(rf"\b{re.escape(name)}\b", f"{name}_v2", answer)
        case "json":
            bare = answer.strip()
            return bare[:-1] if bare[-1:] in "}]" else f"{bare},"
        case "choice":
            choices = texts_of(prompt, "choices")
            unsaid = (one for one in _UNDECIDED if not any(_says(one, c) for c in choices))
            return next(unsaid, _UNDECIDED[-1])
        case "label":
            return f"{answer} or {_other(_offered(form, prompt), answer, draws)}"
        case _:
            return f"<|assistant|>\n{answer}\n<|end|>"


def sentences_beside(prompt: Prompt, said: str, draws: random.Random) -> list[str]:
    """Sentences in the prompt's language, shuffled: none tells anything or is said already."""
    names = [*accepted(prompt), *texts_of(prompt, "labels"), *texts_of(prompt, "choices")]
    usable = [
        sentence
        for sentence in SENTENCES[language(str(prompt.checks.get("language", "en")))]
        if sentence not in said
        and not any(_says(sentence, name) for name in names)
        and not _matches(prompt, sentence)
    ]
    draws.shuffle(usable)
    return usable


def _says(text: str, part: str) -> bool:
    """Whether the letters and digits of `part` stand in `text`, stricter than any metric."""
    bare = _bare(part)
    return bare in _bare(text) if bare else part.strip() in text


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _matches(prompt: Prompt, text: str) -> bool:
    pattern = prompt.checks.get("pattern")
    return isinstance(pattern, str) and regex.search(pattern, text) is not None


def _offered(form: Form, prompt: Prompt) -> list[str]:
    """The labels, or the letters of the choices."""
    if form == "label":
        return texts_of(prompt, "labels")
    return [letter(place) for place in range(len(texts_of(prompt, "choices")))]


def _other(offered: list[str], right: str, draws: random.Random) -> str:
    """One of the others, and none that says the right one with more words, if that can be."""
    others = [one for one in offered if one != right]
    return draws.choice([one for one in others if not _says(one, right)] or others)


def _until_wrong(prompt: Prompt, made: Callable[[], str]) -> str:
    """The first of some that are made which holds no accepted answer and fits no pattern."""
    for _ in range(_TRIES):
        found = made()
        if not any(_says(found, one) for one in accepted(prompt)) and not _matches(prompt, found):
            break
    return found


def _other_number(right: str, draws: random.Random) -> str:
    """The number with another last digit, so that value and length stay near."""
    last = max(at for at, character in enumerate(right) if character.isdecimal())
    digit = draws.choice([one for one in "123456789" if one != right[last]])
    return right[:last] + digit + right[last + 1 :]


def _other_words(prompt: Prompt, right: str, draws: random.Random) -> str:
    """A sentence of the same language about something else; of a few words, its longest."""
    spoken = language(str(prompt.checks.get("language", "en")))
    sentence = draws.choice(SENTENCES[spoken])
    few = len(right.split())
    if few > _MOST_WORDS_OF_A_NAME:
        return sentence
    words = sorted(sentence.rstrip(".").split(), key=len, reverse=True)
    return " ".join(draws.sample(words[: few + 2], few))


def _misnamed(document: str) -> str:
    """JSON whose first field has another name; null where there is no field to misname."""
    renamed, found = re.subn(r'"([^"]+)"(\s*:)', r'"the_\1"\2', document, count=1)
    return renamed if found else "null"
