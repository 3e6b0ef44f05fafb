"""Pictures with their labels, whatever they come from: in which order, and which are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from evalharness.catalog.columns import TableRow
from evalharness.catalog.names import is_safe_id
from evalharness.core.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture: its path from the folder, its label, and where that is said.

    Of a picture that stands in a row of a dataset itself, `row` (from 0) says in which.
    """

    file: str
    label: str
    place: str
    id: str | None
    tags: Mapping[str, str | None]
    row: int = -1

    @classmethod
    def of_row(cls, row: TableRow, number: int = -1) -> Labelled:
        """What a row says; `number` is its own where it has the picture in itself."""
        if "label" not in row.columns:
            raise row.document.problem((), "no label", "also label or class (--map label=COLUMN)")
        file, label = row.word("file"), row.word("label")
        if file is None and number < 0:
            raise row.problem("file", "the picture's file, from the table's folder")
        if label is None:
            raise row.problem("label", "the picture's label")
        label, made = label.strip(), f"{label.strip()}:{number + 1}"
        usable = number >= 0 and is_safe_id(made)
        name = row.word("id") or (made if usable else None)
        return cls(file or "", label, row.document.where(()), name, row.tags(), number)


def refuse_odd_labels(path: Path, labels: Sequence[str]) -> None:
    """Raise BadInputError for fewer than two labels, and for two that differ in case alone."""
    if len(labels) < 2:
        raise BadInputError(
            f"{path}: found one label, {labels[0]!a}; expected two or more. Give every label a "
            "folder of pictures."
        )
    seen: dict[str, str] = {}
    for label in labels:
        other = seen.setdefault(label.casefold(), label)
        if other != label:
            raise BadInputError(
                f"{path}: found the labels {other!a} and {label!a}, which models cannot tell "
                "apart; expected one spelling. Rename one."
            )


def refuse_two_labels(seen: dict[str, Labelled], digest: str, one: Labelled) -> None:
    """Raise BadInputError where a picture was `seen` (its digest → where) under another label."""
    first = seen.setdefault(digest, one)
    if first.label != one.label:
        raise BadInputError(
            f"{one.place}: found the picture of {first.place} again, as {one.label!a} and as "
            f"{first.label!a}; expected one label a picture. Take it out of one of the two."
        )


def in_turn(found: Sequence[Labelled], labels: Sequence[str]) -> Iterator[Labelled]:
    """One of each label, then the next of each, so that any beginning has of every label."""
    by_label: defaultdict[str, list[Labelled]] = defaultdict(list)
    for one in found:
        by_label[one.label].append(one)
    for row in zip_longest(*(by_label[label] for label in labels)):
        yield from (one for one in row if one is not None)
