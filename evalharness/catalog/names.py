"""Names that are safe in tables, addresses and files, and names made from free text."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._+@-]{0,99}$"
"""Names of models and suites: no spaces, no path separators, never `..`."""

_SLUG_LENGTH = 40
_LOCAL_STARTS = ("./", "../", "/", "~", ".\\", "..\\")
_WEIGHT_FILES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


def slug(text: str) -> str:
    """A short name for any text; different texts always get different names.

    A text of a few plain lowercase words becomes those words; where that loses something, the
    start of the text's sha256 tells it apart from every other.
    """
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if len(words) <= _SLUG_LENGTH and words and words.replace("-", " ") == text:
        return words
    told_apart = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "-".join(part for part in (words[:_SLUG_LENGTH].strip("-"), told_apart) if part)


def name_of_file(path: Path) -> str:
    """What a file names: its stem where that is a name already, else the stem's slug."""
    return path.stem if re.fullmatch(NAME_PATTERN, path.stem) else slug(path.stem)


def is_safe_id(text: str) -> bool:
    """Whether a prompt's id can be shown and put into an address as it is."""
    return (
        0 < len(text) <= 200
        and text == text.strip()
        and text.isprintable()
        and text not in {".", ".."}
        and not set(text) & set("/\\")
    )


def is_local(source: str) -> bool:
    """Whether a source means a file or folder on this machine (`./x`, `/x`, `x.safetensors`)."""
    windows_drive = re.match(r"[A-Za-z]:[\\/]", source) is not None
    return windows_drive or source.startswith(_LOCAL_STARTS) or source.endswith(_WEIGHT_FILES)


def stem(source: str) -> str:
    """The last part of a path or Hub id, without a weight file's ending."""
    last = PurePosixPath(source.replace("\\", "/")).name
    ending = next((e for e in _WEIGHT_FILES if last.endswith(e)), "")
    return last.removesuffix(ending)
