"""How an answer that keeps to an instruction is changed so that it does not, for each of IFEval's.

Every change breaks the one instruction; others of the prompt may suffer with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from evalharness.backends.scribe.words import SENTENCES
from evalharness.core.nouns import Json

Demands: TypeAlias = Mapping[str, Json]
Break: TypeAlias = Callable[[str, Demands], str]

_FILLER: Final = " ".join(SENTENCES["en"])


def broken(answer: str, instruction: Demands) -> str:
    """The answer, breaking this instruction; unchanged where the instruction is not known."""
    change = BREAKS.get(str(instruction.get("id")))
    return answer if change is None else change(answer, instruction)


def _number(demands: Demands, name: str) -> int:
    value = demands.get(name)
    return int(value) if isinstance(value, int | float) else 0


def _without(answer: str, words: Json) -> str:
    listed = words if isinstance(words, list) else [words]
    for word in listed:
        answer = re.sub(re.escape(str(word)), "…", answer, flags=re.IGNORECASE)
    return answer


def _with_word(answer: str, demands: Demands) -> str:
    words = demands.get("forbidden_words")
    return f"{answer} {words[0] if isinstance(words, list) else words}."


def _words(answer: str, demands: Demands) -> str:
    if demands.get("relation") == "at least":
        return " ".join(answer.split()[: max(1, _number(demands, "num_words") // 3)])
    return _longer(answer, _number(demands, "num_words"))


def _longer(answer: str, words: int) -> str:
    """At least so many words more."""
    times = 1 + words // len(_FILLER.split())
    return f"{answer} {' '.join([_FILLER] * times)}"


def _sentences(answer: str, demands: Demands) -> str:
    number = _number(demands, "num_sentences")
    if demands.get("relation") == "at least":
        return re.split(r"(?<=[.!?])\s", answer)[0]
    return f"{answer} {' '.join(SENTENCES['en'] * (1 + number // len(SENTENCES['en'])))}"


def _often(answer: str, word: Json, demands: Demands, relation: str, number: str) -> str:
    """Too seldom where a number is the least, too often where it is the most."""
    if demands.get(relation) == "at least":
        return _without(answer, word)
    return f"{answer} {' '.join([str(word)] * _number(demands, number))}"


def _shouted(answer: str, demands: Demands) -> str:
    if demands.get("capital_relation") == "at least":
        return answer.lower()
    return f"{answer} {' '.join(['SURELY'] * (1 + _number(demands, 'capital_frequency')))}"


def _unmarked(*marks: str) -> Break:
    def change(answer: str, _demands: Demands) -> str:
        for mark in marks:
            answer = answer.replace(mark, "")
        return answer

    return change


def _foreign(_answer: str, demands: Demands) -> str:
    return " ".join(SENTENCES["es" if demands.get("language") == "en" else "en"][:3])


BREAKS: Final[Mapping[str, Break]] = {
    "change_case:capital_word_frequency": _shouted,
    "change_case:english_capital": lambda answer, _: answer.lower(),
    "change_case:english_lowercase": lambda answer, _: answer.upper(),
    "combination:repeat_prompt": lambda answer, _: f"Well now. {answer}",
    "combination:two_responses": _unmarked("******"),
    "detectable_content:number_placeholders": _unmarked("[", "]"),
    "detectable_content:postscript": lambda answer, _: re.split(r"\n+P\.", answer)[0],
    "detectable_format:constrained_response": lambda _, __: "Well, perhaps.",
    "detectable_format:json_format": lambda answer, _: f"{answer.strip()[:-1]},",
    "detectable_format:multiple_sections": lambda answer, asked: _without(
        answer, asked.get("section_spliter")
    ),
    "detectable_format:number_bullet_lists": lambda answer, _: f"{answer}\n* and more\n* and more",
    "detectable_format:number_highlighted_sections": _unmarked("*"),
    "detectable_format:title": _unmarked("<<", ">>"),
    "keywords:existence": lambda answer, asked: _without(answer, asked.get("keywords")),
    "keywords:forbidden_words": _with_word,
    "keywords:frequency": lambda answer, asked: _often(
        answer, asked.get("keyword"), asked, "relation", "frequency"
    ),
    "keywords:letter_frequency": lambda answer, asked: _often(
        answer, asked.get("letter"), asked, "let_relation", "let_frequency"
    ),
    "language:response_language": _foreign,
    "length_constraints:nth_paragraph_first_word": lambda answer, _: re.sub(
        r"(?m)^(?=\S)", "Well now ", answer
    ),
    "length_constraints:number_paragraphs": lambda answer, _: f"{answer}\n***\nAnd one more.",
    "length_constraints:number_sentences": _sentences,
    "length_constraints:number_words": _words,
    "punctuation:no_comma": lambda answer, _: f"Well, {answer}",
    "startend:end_checker": lambda answer, _: f"{answer} And so on it goes.",
    "startend:quotation": lambda answer, _: answer.strip().strip('"'),
}
