"""The door for prompt formats: how published benchmarks write their prompts down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from evalharness.core.nouns import Json


@dataclass(frozen=True, slots=True)
class PublishedPrompt:
    """One prompt as a file has it, before it is checked.

    `place` names file and line for errors. `id` is None where the file gives none: it is then
    made from the text. Blank tags are left out, and spaces around them do not count. `images` are
    paths from the folder of the file; `pictures` are bytes that the file carries itself, which
    follow them.
    """

    place: str
    text: str
    id: str | None = None
    target: str | None = None
    checks: Mapping[str, Json] = field(default_factory=dict)
    tags: Mapping[str, str | None] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    pictures: tuple[bytes, ...] = ()
    continuations: tuple[str, ...] = ()


Reader: TypeAlias = Callable[[Path], Iterator[PublishedPrompt]]
"""Yields a file's prompts in order; raises BadInputError naming file, line and field."""


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """A way of writing prompts down, with the facts of the benchmark that is published so.

    `expects` says what file or folder is read, `source` where it is published; an empty
    `licence` means that the file's own applies. `fields` are what every row has, by which a file
    given to another format is recognised. `addresses` are the files to fetch (name → https
    address). `mapped` gives a reader for columns that a person chose (field → column); None
    where the format itself knows its columns. `left_out` names what of a folder or table is no part
    of a prompt and is passed over (given the file and the chosen columns); `passed_over` says what
    that is.
    """

    name: str
    title: str
    expects: str
    licence: str
    source: str
    read: Reader
    noncommercial: bool = False
    fields: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict)
    mapped: Callable[[Mapping[str, str]], Reader] | None = None
    left_out: Callable[[Path, Mapping[str, str]], Sequence[str]] | None = None
    passed_over: str = "columns"
