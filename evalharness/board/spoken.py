"""Answers that are no pictures, in words that people read."""

from __future__ import annotations

from evalharness.board.answers.likely import likely_of


def in_words(kind: str | None, text: str | None) -> tuple[str | None, str | None]:
    """The kind and text to show: likelihoods are told as a text, a line a continuation.

    Each line has the continuation's share of the probability of all of them, and the logarithm of
    its own probability.
    """
    if kind != "likelihoods" or text is None:
        return kind, text
    lines = [
        f"{one.share:6.1%}  ln p = {one.log:.2f}  {one.text.strip()}" for one in likely_of(text)
    ]
    return "text", "\n".join(lines)
