"""Programs in answers, in pieces that can be coloured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String

Colour: TypeAlias = Literal["", "keyword", "string", "comment", "number", "name"]

_FENCED = re.compile(r"(```[^\n]*\n)(.*?)(```|\Z)", re.DOTALL)
_COLOURS: tuple[tuple[Any, Colour], ...] = (
    (Keyword, "keyword"),
    (String, "string"),
    (Comment, "comment"),
    (Number, "number"),
    (Name.Function, "name"),
    (Name.Class, "name"),
)


def coloured(answer: str) -> Iterator[tuple[str, Colour]]:
    """The pieces of an answer that is Python, or has it between fences; together the answer."""
    if "```" not in answer:
        yield from _python(answer)
        return
    at = 0
    for block in _FENCED.finditer(answer):
        yield answer[at : block.start(2)], ""
        yield from _python(block[2])
        at = block.end(2)
    yield answer[at:], ""


def _python(text: str) -> Iterator[tuple[str, Colour]]:
    held = ""
    colour: Colour = ""
    for _, kind, piece in PythonLexer().get_tokens_unprocessed(text):
        found: Colour = next((name for token, name in _COLOURS if kind in token), "")
        if found != colour and held:
            yield held, colour
            held = ""
        held, colour = held + piece, found
    if held:
        yield held, colour
