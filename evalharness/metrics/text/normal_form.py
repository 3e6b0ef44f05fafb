"""Texts made comparable: case, width, punctuation at the edges of words and white space aside."""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache
from typing import Final

import regex

_KEPT: Final = frozenset("%‰#&@")
"""Punctuation by Unicode that carries meaning: 50% is not 50, C# is not C."""

_SIGNS: Final = frozenset("-−.,")
"""Punctuation that belongs to a number it stands before: −5, .5."""

_UNSPACED: Final = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
)
_ARTICLES: Final = frozenset({"a", "an", "the"})
_ASCII_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)


def plain_words(text: str) -> list[str]:
    """NFKC, case-folded words, parted at white space, without punctuation at their ends.

    Punctuation within a word stays (`don't`, `3.5`), and so do the sign and the point before a
    digit. A text of nothing but punctuation is kept as it is, so that it equals only itself.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().split()
    words = [word for word in map(_bare, folded) if word]
    return words or folded


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words of `plain_words` with single spaces; remembered, for expected answers."""
    return " ".join(plain_words(text))


def _bare(word: str) -> str:
    if word.isalnum():
        return word
    start, end = 0, len(word)
    while end > 0 and _droppable(word[end - 1]):
        end -= 1
    while start < end and _droppable(word[start]):
        if word[start] in _SIGNS and word[start + 1 : start + 2].isdigit():
            break
        start += 1
    return word[start:end]


def _droppable(character: str) -> bool:
    return character not in _KEPT and unicodedata.category(character).startswith("P")


def holds(text: str, part: str) -> bool:
    """Whether `part` stands in `text` as whole words; both as `plain` gives them.

    Scripts written without spaces have no edges of words, so there any place will do.
    """
    if not part:
        return False
    at = text.find(part)
    while at >= 0:
        end = at + len(part)
        if _edge(text[at - 1 : at], part[0]) and _edge(part[-1], text[end : end + 1]):
            return True
        at = text.find(part, at + 1)
    return False


def _edge(before: str, after: str) -> bool:
    """Whether a word may end between two characters (either may be missing)."""
    if not (before.isalnum() and after.isalnum()):
        return True
    return bool(_UNSPACED.match(before) or _UNSPACED.match(after))


def squad_words(text: str) -> list[str]:
    """SQuAD's normalisation: lower case, no ASCII punctuation, no English articles; as words.

    That of the official script (Rajpurkar et al. 2016), which drops the sign of a number too.
    """
    words = text.lower().translate(_ASCII_PUNCTUATION).split()
    return [word for word in words if word not in _ARTICLES]
