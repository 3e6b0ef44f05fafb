"""Strings from users and models, made harmless for a terminal, Markdown and spreadsheets."""

from __future__ import annotations

import re
import unicodedata

_ESCAPES = re.compile(
    r"(?:\x1b\]|\x9d).*?(?:\x07|\x1b\\|\x9c|$)"  # operating system commands (titles, links)
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # control sequences (colours, cursor)
    r"|\x1b[ -/]*[0-~]?",  # everything else that starts with ESC
    re.DOTALL,
)
_DIRECTION_MARKS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F)])
_DIRECTION_MARKS |= dict.fromkeys(range(0x2066, 0x206A))
_SPACES = re.compile(r"[\s\x85\u2028\u2029]+")
_NO_XML = "\ufffe\uffff"
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&:$]|(?<=[Ww]{3})\.)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain_text(text: str) -> str:
    """`text` on one line, without escape sequences, control characters and direction marks.

    Direction marks can make a name look like another one; lone surrogates cannot be encoded, and
    XML has no place for two characters that Unicode never assigns.
    """
    shown = _SPACES.sub(" ", _ESCAPES.sub("", text).translate(_DIRECTION_MARKS))
    shown = "".join(
        c for c in shown if unicodedata.category(c) not in ("Cc", "Cs") and c not in _NO_XML
    )
    return _SPACES.sub(" ", shown).strip()


def plain_lines(text: str) -> str:
    """As `plain_text`, but with the lines and the spaces that a program or a poem needs."""
    shown = _ESCAPES.sub("", text).translate(_DIRECTION_MARKS).expandtabs(4)
    return "\n".join(
        "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs") and c not in _NO_XML)
        for line in shown.splitlines()
    )


def markdown_text(text: str) -> str:
    """Plain text that Markdown shows literally: no table cell, link, mention or HTML begins.

    Bare addresses (`http:`, `www.`) are broken up as well, and an invisible word joiner keeps
    GitHub from reading what follows an @ as somebody's name.
    """
    return _MARKDOWN.sub(r"\\\1", plain_text(text)).replace("@", "@\u2060")


def spreadsheet_text(text: str) -> str:
    """Plain text that no spreadsheet evaluates: an apostrophe before what starts a formula.

    The test is made before and after cleaning, since a spreadsheet may trim what we do not.
    """
    shown = plain_text(text)
    return "'" + shown if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown
