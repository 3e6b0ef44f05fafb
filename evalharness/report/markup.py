"""HTML that cannot be anything but what was meant: text is escaped where it becomes markup.

Strings of users and models enter by `text` and as attributes' values only; the type checker tells
them from markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NewType

from evalharness.board.inert import plain_lines, plain_text

Html = NewType("Html", str)

NOTHING = Html("")
_VOID = frozenset({"img", "meta", "wbr"})
"""Elements of HTML without an end; those of SVG in HTML need one."""


def text(written: str) -> Html:
    """Any string as text: no markup, control characters or direction marks are left in it."""
    return Html(escape(plain_text(written), quote=True))


def lines(written: str) -> Html:
    """As `text`, with the lines and the spaces that there are."""
    return Html(escape(plain_lines(written), quote=True))


def element(name: str, /, *children: Html, **attributes: str) -> Html:
    """`<name attribute="…">children</name>`; `class_` is class, `_` in names is `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{''.join(children)}</{name}>")


def joined(parts: Iterable[Html]) -> Html:
    """One after the other."""
    return Html("".join(parts))
