"""IFEval's 25 instructions as checks of an answer, each by its published id.

Behaviour is that of the reference (Zhou et al. 2023, arXiv:2311.07911, as lm-evaluation-harness
keeps it), bugs that the published numbers rest on included. It differs where the reference draws
at random (a letter that is none of a–z, a number of 0) and in who tells the language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import regex

from evalharness.core.nouns import Json
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.bounded import count, found
from evalharness.metrics.text.language import language_of
from evalharness.metrics.text.sentences import sentences, treebank_words, word_count

Demands: TypeAlias = Mapping[str, Json]
Check: TypeAlias = Callable[[str, Demands], bool]

_CONSTRAINED: Final = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_NO_CASE: Final = int(regex.IGNORECASE)
_ENDS_FIRST_WORD: Final = re.compile(r"[.,?!'\"]")


def _number(demands: Demands, name: str) -> int:
    value = demands.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnmeasurableError(f"An instruction has {name} = {value!r}; expected a number.")
    return int(value)


def _text(demands: Demands, name: str) -> str:
    value = demands.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UnmeasurableError(f"An instruction has {name} = {value!r}; expected a text.")
    return value.strip()


def _texts(demands: Demands, name: str) -> list[str]:
    value = demands.get(name)
    if not isinstance(value, list) or not value:
        raise UnmeasurableError(f"An instruction has {name} = {value!r}; expected texts.")
    return [str(item) for item in value]


def _related(number: int, demands: Demands, relation: str, to: str) -> bool:
    asked = demands.get(relation)
    if asked not in {"less than", "at least"}:
        raise UnmeasurableError(
            f"An instruction has {relation} = {asked!r}; expected 'less than' or 'at least'."
        )
    bound = _number(demands, to)
    return number < bound if asked == "less than" else number >= bound


def _keywords(answer: str, demands: Demands) -> bool:
    return all(found(word, answer, _NO_CASE) for word in _texts(demands, "keywords"))


def _keyword_frequency(answer: str, demands: Demands) -> bool:
    number = count(_text(demands, "keyword"), answer, _NO_CASE)
    return _related(number, demands, "relation", "frequency")


def _forbidden(answer: str, demands: Demands) -> bool:
    words = _texts(demands, "forbidden_words")
    return not any(found(rf"\b{word}\b", answer, _NO_CASE) for word in words)


def _letters(answer: str, demands: Demands) -> bool:
    number = answer.lower().count(_text(demands, "letter").lower())
    return _related(number, demands, "let_relation", "let_frequency")


def _in_language(answer: str, demands: Demands) -> bool:
    return language_of(answer) in {None, _text(demands, "language")}


def _sentences(answer: str, demands: Demands) -> bool:
    return _related(len(sentences(answer)), demands, "relation", "num_sentences")


def _paragraphs(answer: str, demands: Demands) -> bool:
    parts = re.split(r"\s?\*\*\*\s?", answer)
    if not all(part.strip() for part in parts[1:-1]):
        return False
    filled = sum(1 for part in parts if part.strip())
    return filled == _number(demands, "num_paragraphs")


def _words(answer: str, demands: Demands) -> bool:
    return _related(word_count(answer), demands, "relation", "num_words")


def _nth_first_word(answer: str, demands: Demands) -> bool:
    """The n-th of all parts counts, empty ones too, but only filled ones are numbered."""
    parts = answer.split("\n\n")
    filled, nth = sum(1 for part in parts if part.strip()), _number(demands, "nth_paragraph")
    if not 1 <= nth <= filled or not parts[nth - 1].strip():
        return False
    word = parts[nth - 1].split()[0].lstrip("'").lstrip('"')
    first = _ENDS_FIRST_WORD.split(word, maxsplit=1)[0].lower()
    return filled == _number(demands, "num_paragraphs") and first == (
        _text(demands, "first_word").lower()
    )


def _placeholders(answer: str, demands: Demands) -> bool:
    number = sum(_brackets(line) for line in answer.split("\n"))
    return number >= _number(demands, "num_placeholders")


def _brackets(line: str) -> int:
    """Matches of [.*?], without the quadratic time that a line of only [ takes."""
    number, opened = 0, line.find("[")
    while opened >= 0:
        closed = line.find("]", opened)
        if closed < 0:
            break
        number, opened = number + 1, line.find("[", closed)
    return number


def _postscript(answer: str, demands: Demands) -> bool:
    marker = _text(demands, "postscript_marker")
    patterns = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
    return found(patterns.get(marker, marker.lower()), answer.lower())


def _bullets(answer: str, demands: Demands) -> bool:
    """Lines that begin with - or *; a lone * takes the next line with it, as in the reference."""
    lines = [line.lstrip() for line in answer.split("\n")]
    dashes = sum(1 for line in lines if line.startswith("-"))
    stars, at = 0, 0
    while at < len(lines):
        line = lines[at]
        alone = line == "*" and at + 1 < len(lines)
        stars += alone or (len(line) > 1 and line[0] == "*" != line[1])
        at += 2 if alone else 1
    return stars + dashes == _number(demands, "num_bullets")


def _constrained(answer: str, _demands: Demands) -> bool:
    return any(option in answer for option in _CONSTRAINED)


def _highlights(answer: str, demands: Demands) -> bool:
    single = re.findall(r"\*[^\n\*]*\*", answer)
    double = re.findall(r"\*\*[^\n\*]*\*\*", answer)
    number = sum(1 for part in (*single, *double) if part.strip("*").strip())
    return number >= _number(demands, "num_highlights")


def _sections(answer: str, demands: Demands) -> bool:
    number = count(rf"\s?{_text(demands, 'section_spliter')}\s?\d+\s?", answer)
    return number >= _number(demands, "num_sections")


def _json(answer: str, _demands: Demands) -> bool:
    bare = answer.strip()
    for fence in ("```json", "```Json", "```JSON", "```"):
        bare = bare.removeprefix(fence)
    try:
        json.loads(bare.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def _title(answer: str, _demands: Demands) -> bool:
    for line in answer.split("\n"):
        opened, closed = line.find("<<"), line.rfind(">>")
        if 0 <= opened <= closed - 3 and line[opened : closed + 2].lstrip("<").rstrip(">").strip():
            return True
    return False


def _two_answers(answer: str, _demands: Demands) -> bool:
    parts = answer.split("******")
    if not all(part.strip() for part in parts[1:-1]):
        return False
    filled = [part.strip() for part in parts if part.strip()]
    return len(filled) == 2 and filled[0] != filled[1]


def _repeats_prompt(answer: str, demands: Demands) -> bool:
    return answer.strip().lower().startswith(_text(demands, "prompt_to_repeat").lower())


def _ends_with(answer: str, demands: Demands) -> bool:
    return answer.strip().strip('"').lower().endswith(_text(demands, "end_phrase").lower())


def _capital_words(answer: str, demands: Demands) -> bool:
    number = sum(1 for word in treebank_words(answer) if word.isupper())
    return _related(number, demands, "capital_relation", "capital_frequency")


def _capitals(answer: str, _demands: Demands) -> bool:
    # lower-cased for the language: py3langid knows hardly any text in capitals
    return answer.isupper() and language_of(answer.lower()) in {None, "en"}


def _small_letters(answer: str, _demands: Demands) -> bool:
    return answer.islower() and language_of(answer) in {None, "en"}


def _no_comma(answer: str, _demands: Demands) -> bool:
    return "," not in answer


def _quoted(answer: str, _demands: Demands) -> bool:
    bare = answer.strip()
    return len(bare) > 1 and bare[0] == '"' and bare[-1] == '"'


CHECKS: Final[Mapping[str, Check]] = {
    "change_case:capital_word_frequency": _capital_words,
    "change_case:english_capital": _capitals,
    "change_case:english_lowercase": _small_letters,
    "combination:repeat_prompt": _repeats_prompt,
    "combination:two_responses": _two_answers,
    "detectable_content:number_placeholders": _placeholders,
    "detectable_content:postscript": _postscript,
    "detectable_format:constrained_response": _constrained,
    "detectable_format:json_format": _json,
    "detectable_format:multiple_sections": _sections,
    "detectable_format:number_bullet_lists": _bullets,
    "detectable_format:number_highlighted_sections": _highlights,
    "detectable_format:title": _title,
    "keywords:existence": _keywords,
    "keywords:forbidden_words": _forbidden,
    "keywords:frequency": _keyword_frequency,
    "keywords:letter_frequency": _letters,
    "language:response_language": _in_language,
    "length_constraints:nth_paragraph_first_word": _nth_first_word,
    "length_constraints:number_paragraphs": _paragraphs,
    "length_constraints:number_sentences": _sentences,
    "length_constraints:number_words": _words,
    "punctuation:no_comma": _no_comma,
    "startend:end_checker": _ends_with,
    "startend:quotation": _quoted,
}
