"""Flat YAML to plain data: no aliases, no tags, no duplicate keys, no surprises of YAML 1.1."""

from __future__ import annotations

import math
import re
from pathlib import Path

import yaml

from evalharness.catalog.documents import Document, Place, ascii_safe, refused_character
from evalharness.catalog.text_files import read_text
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

LIMIT_BYTES = 1_000_000
LIMIT_DEPTH = 12

_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)")
_DIGITS = 18  # what surely fits into the 64 bits that every later stage stores


class _Loader(_Base):  # type: ignore[misc,valid-type]
    """YAML whose plain words all stay words: `no`, `on`, `12:30` and `2026-01-02` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


FLAT = "flat data (text that starts with & or * or ! needs quotes)"


def read_yaml(path: Path, *, instead_of_tags: str = FLAT) -> Document:
    """Read one YAML file; raises BadInputError with file, line and what was expected.

    `instead_of_tags` is what is expected where a tag (`!name`) stands.
    """
    text = read_text(path, LIMIT_BYTES)
    try:
        _refuse_references(text, path, instead_of_tags)
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = ascii_safe(error.problem or "a syntax error")
        raise BadInputError(
            f"{path}, line {line}: this is not valid YAML: {problem}. "
            "Check the indentation and put text with special characters into quotes."
        ) from None
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes, PyYAML characters; a refused character is refused where it is first
        line = text.count("\n", 0, text.index(chr(error.character))) + 1
        raise BadInputError(
            f"{path}, line {line}: found the character U+{error.character:04X}; "
            "expected text without control characters."
        ) from None
    if node is None:
        raise BadInputError(f"{path}: found an empty file; expected YAML fields.")
    builder = _Builder(str(path))
    return Document(str(path), builder.build(node, ()), builder.lines)


def _refuse_references(text: str, path: Path, instead_of_tags: str) -> None:
    """Anchors and aliases (a few bytes can mean gigabytes), tags (code), deep nesting."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        found, expected = None, FLAT
        if name := getattr(event, "anchor", None):
            found = f"the anchor or alias {ascii_safe(str(name))!r}"
        elif tag := getattr(event, "tag", None):
            found, expected = f"the tag {ascii_safe(str(tag))!r}", instead_of_tags
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > LIMIT_DEPTH:
                found = f"more than {LIMIT_DEPTH} levels of nesting"
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if found:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise BadInputError(f"{path}, line {line}: found {found}; expected {expected}.")


class _Builder:
    """Nodes to plain data, noting each place's line on the way."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.lines: dict[Place, int] = {}

    def build(self, node: yaml.Node, place: Place) -> Json:
        """The data of one node."""
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, i)) for i, item in enumerate(node.value)]
        quoted = isinstance(node, yaml.ScalarNode) and node.style
        value = node.value if quoted else plain_scalar(node.value)
        self._check(value, place)
        return value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> Json:
        data: dict[str, Json] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.lines[place] = key.start_mark.line + 1
                raise self._problem(place, "a list or mapping as a field name", "a word")
            inner = (*place, key.value)
            first = self.lines.get(inner)
            self.lines[inner] = key.start_mark.line + 1
            self._check(key.value, inner)
            if first is not None:
                raise self._problem(inner, f"this field again (first on line {first})", "it once")
            data[key.value] = self.build(value, inner)
        return data

    def _check(self, value: Json, place: Place) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            raise self._problem(place, f"{value} (not a finite number)", "a finite number")
        if isinstance(value, str) and (found := refused_character(value)):
            raise self._problem(place, found, "text without control characters")

    def _problem(self, place: Place, found: str, expected: str) -> BadInputError:
        return Document(self._origin, None, self.lines).problem(place, found, expected)


def plain_scalar(word: str) -> Json:
    """An unquoted word as YAML 1.2 reads it: null, true, false, a number or text.

    Whole numbers of more than 18 digits stay text, to be refused where a number is needed.
    """
    match word:
        case "" | "~" | "null":
            return None
        case "true" | "false":
            return word == "true"
    if _ENDLESS.fullmatch(word):
        return float(word.replace(".", ""))
    if not _NUMBER.fullmatch(word):
        return word
    digits = word.lstrip("+-")
    if not digits.isdigit():
        return float(word)
    return int(word) if len(digits) <= _DIGITS else word
