"""IFEval's instructions read strictly and plainly, for tests: does an answer keep to one?

Written from the descriptions of the instructions, apart from the metric, so that both can be
compared. Languages are not looked at here.
"""

import json
import re
from collections.abc import Callable
from typing import Any

Check = Callable[[str, dict[str, Any]], bool]


def compared(found: int, number: int, relation: str) -> bool:
    return found >= number if relation == "at least" else found < number


def parts(answer: str, divider: str) -> list[str]:
    return [part.strip() for part in re.split(divider, answer) if part.strip()]


def is_json(answer: str) -> bool:
    try:
        json.loads(answer)
    except ValueError:
        return False
    return True


def words(answer: str) -> list[str]:
    return re.findall(r"\w+", answer)


def said(answer: str, word: str) -> int:
    return len(re.findall(re.escape(word), answer, re.IGNORECASE))


def shouted(answer: str) -> int:
    return sum(word.isupper() for word in words(answer))


def first_word(answer: str, asked: dict[str, Any]) -> bool:
    found = parts(answer, r"\n\n")
    if len(found) != asked["num_paragraphs"]:
        return False
    return words(found[asked["nth_paragraph"] - 1])[0].lower() == asked["first_word"].lower()


def two_answers(answer: str) -> bool:
    found = parts(answer, r"\*{6}")
    return len(found) == 2 and found[0] != found[1]


CHECKS: dict[str, Check] = {
    "keywords:existence": lambda a, q: all(said(a, word) for word in q["keywords"]),
    "keywords:frequency": lambda a, q: compared(
        said(a, q["keyword"]), q["frequency"], q["relation"]
    ),
    "keywords:forbidden_words": lambda a, q: not {*words(a.lower())} & {*q["forbidden_words"]},
    "keywords:letter_frequency": lambda a, q: compared(
        a.lower().count(q["letter"]), q["let_frequency"], q["let_relation"]
    ),
    "language:response_language": lambda a, q: bool(a.strip()),
    "length_constraints:number_sentences": lambda a, q: compared(
        len(parts(a, r"(?<=[.!?])\s+")), q["num_sentences"], q["relation"]
    ),
    "length_constraints:number_paragraphs": lambda a, q: (
        len(parts(a, r"\*\*\*")) == q["num_paragraphs"]
    ),
    "length_constraints:number_words": lambda a, q: compared(
        len(words(a)), q["num_words"], q["relation"]
    ),
    "length_constraints:nth_paragraph_first_word": first_word,
    "detectable_content:number_placeholders": lambda a, q: (
        len(re.findall(r"\[[^]]+\]", a)) >= q["num_placeholders"]
    ),
    "detectable_content:postscript": lambda a, q: q["postscript_marker"] in a,
    "detectable_format:number_bullet_lists": lambda a, q: (
        len(re.findall(r"(?m)^[*-] ", a)) == q["num_bullets"]
    ),
    "detectable_format:constrained_response": lambda a, q: (
        a in {f"My answer is {word}." for word in ("yes", "no", "maybe")}
    ),
    "detectable_format:number_highlighted_sections": lambda a, q: (
        len(re.findall(r"\*[^*\n]+\*", a)) >= q["num_highlights"]
    ),
    "detectable_format:multiple_sections": lambda a, q: (
        len(re.findall(rf"{q['section_spliter']} \d+", a)) >= q["num_sections"]
    ),
    "detectable_format:json_format": lambda a, q: is_json(a),
    "detectable_format:title": lambda a, q: re.search(r"<<[^\n]+>>", a) is not None,
    "combination:two_responses": lambda a, q: two_answers(a),
    "combination:repeat_prompt": lambda a, q: (
        a.startswith(q["prompt_to_repeat"]) and a != q["prompt_to_repeat"]
    ),
    "startend:end_checker": lambda a, q: a.endswith(q["end_phrase"]),
    "startend:quotation": lambda a, q: len(a) > 1 and a[0] == a[-1] == '"',
    "change_case:capital_word_frequency": lambda a, q: compared(
        shouted(a), q["capital_frequency"], q["capital_relation"]
    ),
    "change_case:english_capital": lambda a, q: a.isupper(),
    "change_case:english_lowercase": lambda a, q: a.islower(),
    "punctuation:no_comma": lambda a, q: "," not in a,
}


def kept(answer: str, instruction: dict[str, Any]) -> bool:
    return CHECKS[instruction["id"]](answer, instruction)
