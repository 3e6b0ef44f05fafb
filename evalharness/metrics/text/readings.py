"""Which of a few named things an answer in words settles on: a choice, a label."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import regex

from evalharness.metrics.text.normal_form import holds, plain, plain_words

_SAYS: Final = (
    r"(?:answer|choice|option|label|category|class|sentiment|antwort|réponse|respuesta|risposta|"
    r"resposta|antwoord|svar|ответ|odpowiedź|答案|答え|回答|정답)"
)
_STATED: Final = regex.compile(rf"(?i:\b{_SAYS})(?i:\s+is|\s+ist|\s+est|\s+es|は|是)?[\s:：=*_]*")
_OPENING: Final = r"[(\[{\"'“‘*_`$]*(?:\\boxed\{|\\text\{)?[(\[{\"'“‘*_`]*"
_BOXED: Final = regex.compile(
    r"\\boxed\{(?:\\text\{)?\s*([^{}]{1,200})\}|<answer>\s*(.{1,200}?)\s*</answer>", regex.S
)
LONGEST: Final = 20_000
"""Characters at either end of an answer that are read: nobody settles on anything in between."""


@lru_cache(maxsize=64)
def _letters(number: int) -> str:
    last = chr(ord("A") + number - 1)
    return f"[A-{last}a-{last.lower()}]"


@lru_cache(maxsize=64)
def _after_statement(number: int) -> regex.Pattern[str]:
    """A small letter must end there: in “the answer is a city” it is an article."""
    last = chr(ord("A") + number - 1)
    letter = rf"[A-{last}](?![\w'’])|[a-{last.lower()}](?=[.,;:)\]}}*_`]|\s*$|\s*\n)"
    return regex.compile(rf"{_STATED.pattern}{_OPENING}(?P<letter>{letter})")


@lru_cache(maxsize=64)
def _at_start(number: int) -> regex.Pattern[str]:
    """Not where another letter is added: “A or B” settles on nothing."""
    letters = _letters(number)
    another = rf"[)\]*_]*\s*(?:or|and|oder|und|ou|et|o|y|/|,|&)\s*[(\[*_]*{letters}(?!\w)"
    return regex.compile(
        rf"\s*{_OPENING}(?P<letter>{letters})(?!{another})(?:[.):\]}}*_`]|\s*$|\s*\n)"
    )


@lru_cache(maxsize=64)
def _bracketed(number: int) -> regex.Pattern[str]:
    return regex.compile(rf"[(\[](?P<letter>{_letters(number)})[)\]]")


def read_choice(answer: str, choices: Sequence[str]) -> int | None:
    """The choice that an answer settles on (its position), or None where it settles on none.

    The first of these that tells: `\\boxed{…}` or `<answer>`; the last letter said to be the answer
    (“the answer is (B)”); a letter at the start (“B. …”, “(b)”, “B”); the only choice whose text is
    the answer or stands in it as whole words (a choice within a longer one that also stands there
    does not count); the only letter in brackets. At most 26 choices have letters.
    """
    shown = _shortened(answer)
    marked = _marked(shown)
    if marked is not None:
        return read_choice(marked, choices)
    number = min(len(choices), 26)
    for letters in (_stated(number, shown), _start(number, shown)):
        if letters is not None:
            return letters
    by_text = read_name(shown, choices, cued=False)
    if by_text is not None:
        return by_text
    seen = {_position(found["letter"]) for found in _bracketed(number).finditer(shown)}
    return seen.pop() if len(seen) == 1 else None


def read_name(answer: str, names: Sequence[str], *, cued: bool = True) -> int | None:
    """The name that an answer is or holds (its position); None for none, or for several.

    With `cued` the words that follow the last “answer:”, “label is” … decide, where they begin with
    a name. A name within a longer name that stands there too does not count.
    """
    shown = _shortened(answer)
    marked = _marked(shown)
    words = " ".join(plain_words(shown if marked is None else marked))
    plains = [plain(name) for name in names]
    if words in plains:
        return plains.index(words)
    if cued:
        after = _after_last_cue(shown)
        starting = [n for n in plains if n and (after == n or after.startswith(f"{n} "))]
        if starting:
            return plains.index(max(starting, key=len))
    held = [name for name in plains if holds(words, name)]
    outer = [n for n in held if not any(n != other and holds(other, n) for other in held)]
    return plains.index(outer[0]) if len(set(outer)) == 1 else None


def _shortened(answer: str) -> str:
    if len(answer) <= 2 * LONGEST:
        return answer
    return f"{answer[:LONGEST]}\n{answer[-LONGEST:]}"


def _marked(answer: str) -> str | None:
    """What is put into the last `\\boxed{}` or `<answer>`."""
    if "\\boxed" not in answer and "<answer>" not in answer:
        return None
    found = deque(_BOXED.finditer(answer), maxlen=1)
    return (found[0][1] or found[0][2] or None) if found else None


def _after_last_cue(answer: str) -> str:
    found = deque(_STATED.finditer(answer), maxlen=1)
    return " ".join(plain_words(answer[found[0].end() :])) if found else ""


def _stated(number: int, answer: str) -> int | None:
    found = deque(_after_statement(number).finditer(answer), maxlen=1)
    return _position(found[0]["letter"]) if found else None


def _start(number: int, answer: str) -> int | None:
    found = _at_start(number).match(answer)
    return None if found is None else _position(found["letter"])


def _position(letter: str) -> int:
    return ord(letter.upper()) - ord("A")
