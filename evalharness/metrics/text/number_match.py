"""Is the number that an answer ends in the right one? `number_match`, for reasoning."""

from __future__ import annotations

import re
from collections import deque
from fractions import Fraction
from functools import lru_cache
from typing import Final

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import accepted, expects_words, text_metric

_DIGITS = r"\d{1,3}(?:[,.\u00a0\u202f ']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[.]\d+"
_NUMBER: Final = re.compile(
    rf"(?P<sign>(?<![\w)])[-−+]\s?)?[$€£¥]?(?P<digits>{_DIGITS})(?P<exponent>[eE][-+]?\d+(?!\w))?"
    r"(?P<over>/[1-9]\d*(?![\d/]))?"
)
LONGEST: Final = 60
"""Digits (and size of an exponent) beyond which a run of digits is no number to compare."""


def last_number(text: str) -> Fraction | None:
    """The last number in a text, exactly; None where there is none.

    Understands signs, thousands (1,234,567 and 1.234.567 and 1 234 567), decimal points and
    commas, exponents and simple fractions (3/4). A single group of three digits after a comma are
    thousands, after a point decimals.
    """
    found = deque(_NUMBER.finditer(text), maxlen=1)
    return _value(found[0]) if found else None


def place_of_last_number(text: str) -> tuple[int, int] | None:
    """Where the last number of a text begins and ends; None where there is none."""
    found = deque(_NUMBER.finditer(text), maxlen=1)
    return found[0].span() if found else None


def _value(match: re.Match[str]) -> Fraction | None:
    digits, exponent, below = match["digits"], match["exponent"] or "", (match["over"] or "")[1:]
    if match.string[: match.start("digits")].endswith("/") and below:
        digits, exponent, below = below, "", ""  # a date (25/11/2026), whose last number is this
    if max(len(digits), len(below)) > LONGEST or (exponent and _size(exponent) > LONGEST):
        return None
    value = Fraction(_with_point(digits) + exponent) / int(below or 1)
    return -value if match["sign"] and match["sign"][0] != "+" else value


def _size(exponent: str) -> int:
    return int(exponent.lstrip("eE+-")[:9])


def _with_point(digits: str) -> str:
    """The digits without marks of thousands, and with a point before decimals."""
    marks = re.sub(r"\d", "", digits)
    if not marks:
        return digits
    last = marks[-1]
    decimals = len(digits) - digits.rfind(last) - 1
    if last not in ".,":
        return _only_digits(digits)
    if len(set(marks)) == 1 and (len(marks) > 1 or (last == "," and decimals == 3)):
        return _only_digits(digits)
    whole, _, rest = digits.rpartition(last)
    return f"{_only_digits(whole) or '0'}.{rest}"


def _only_digits(text: str) -> str:
    return re.sub(r"\D", "", text)


@lru_cache(maxsize=4096)
def _expected(text: str) -> Fraction | None:
    return last_number(text)


def has_number(prompt: Prompt) -> bool:
    """Whether the target holds a number to be compared with; choices are answered by letter."""
    if prompt.target is None or not expects_words(prompt):
        return False
    return _expected(prompt.target) is not None


def _right(prompt: Prompt, answer: str) -> float:
    number = last_number(answer)
    return float(number is not None and any(number == _expected(one) for one in accepted(prompt)))


METRIC = text_metric(
    "number_match",
    "Right number",
    _right,
    About(
        measures="Whether the last number of an answer is the expected one.",
        range="0 or 1",
        recipe="1 where the last number in the answer equals, exactly, the last of the target or "
        "of one of checks.targets; thousands, decimal commas, exponents and simple fractions are "
        "read; an answer without a number is wrong",
        source="the usual last-number rule for GSM8K (Cobbe et al. 2021, arXiv:2110.14168)",
        limits="A number after the result (“42, as in step 3”) is taken for it; units and rounding "
        "are not judged; 1,234 is read as thousands and 1.234 as decimals.",
    ),
    applies=has_number,
    version=2,
)
