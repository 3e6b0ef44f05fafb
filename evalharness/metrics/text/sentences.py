"""Words and sentences as IFEval counts them, without downloads."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from evalharness.metrics.text.libraries import library

_WORD: Final = re.compile(r"\w+")


def word_count(text: str) -> int:
    """Runs of letters, digits and underscores, as in IFEval: don't is two."""
    return sum(1 for _ in _WORD.finditer(text))


@cache
def _punkt() -> Any:
    punkt = library("punkt")
    return punkt.PunktSentenceTokenizer(punkt.load_model("english"))


def sentences(text: str) -> list[str]:
    """English sentences by Punkt (Kiss and Strunk 2006) with the published English model."""
    found: list[str] = _punkt().tokenize(text)
    return found


@cache
def _treebank() -> Any:
    return library("nltk.tokenize.destructive").NLTKWordTokenizer()


def treebank_words(text: str) -> list[str]:
    """Tokens as nltk's `word_tokenize` gives them: sentences first, then the Treebank's rules."""
    return [word for sentence in sentences(text) for word in _treebank().tokenize(sentence)]
