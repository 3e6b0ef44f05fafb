"""Decoded batches as extractors read them, checked once for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evalharness.core.errors import HarnessError
from evalharness.core.outcomes import Change, Exchange, Pair, Picture, Seeable, Text

Pixels = NDArray[np.uint8]
Kind = TypeVar("Kind")


class UnreadableSubjectError(HarnessError):
    """A picture or text that an extractor cannot take; the stage tries the others singly."""


def pixels(subjects: Sequence[Seeable], reader: str) -> list[Pixels]:
    """The pictures' pixels, uint8 (h, w, 3) with h, w ≥ 1; raises UnreadableSubjectError."""
    found = []
    for i, subject in enumerate(subjects):
        if not isinstance(subject, Picture):
            raise UnreadableSubjectError(
                f"{reader} reads pictures; subject {i} is a {type(subject).__name__}."
            )
        found.append(_checked(subject.pixels, i, reader))
    return found


def pairs(subjects: Sequence[Seeable], reader: str) -> list[tuple[Pixels, str]]:
    """Pictures, as `pixels` gives them, with their texts; raises UnreadableSubjectError."""
    found = []
    for i, subject in enumerate(subjects):
        if not isinstance(subject, Pair):
            raise UnreadableSubjectError(
                f"{reader} reads pictures with a text each; subject {i} is a "
                f"{type(subject).__name__}."
            )
        found.append((_checked(subject.pixels, i, reader), subject.text))
    return found


def exchanges(subjects: Sequence[Seeable], reader: str) -> list[Exchange]:
    """Text answers with what is asked about each; raises UnreadableSubjectError."""
    return [
        _one(subject, Exchange, "text answers", i, reader) for i, subject in enumerate(subjects)
    ]


def changes(subjects: Sequence[Seeable], reader: str) -> list[Change]:
    """Pictures before and after an edit; raises UnreadableSubjectError."""
    found = [_one(subject, Change, "edits", i, reader) for i, subject in enumerate(subjects)]
    for i, change in enumerate(found):
        _checked(change.before, i, reader)
        _checked(change.after, i, reader)
    return found


def _one(subject: Seeable, kind: type[Kind], told: str, i: int, reader: str) -> Kind:
    if not isinstance(subject, kind):
        raise UnreadableSubjectError(
            f"{reader} reads {told}; subject {i} is a {type(subject).__name__}."
        )
    return subject


def _checked(p: Pixels, i: int, reader: str) -> Pixels:
    if p.dtype != np.uint8 or p.ndim != 3 or p.shape[2] != 3 or 0 in p.shape:
        raise UnreadableSubjectError(
            f"{reader} reads uint8 pictures of shape (height, width, 3); picture {i} is "
            f"{p.dtype} of shape {p.shape}. Decode it as RGB."
        )
    return p


def words(subjects: Sequence[Seeable], reader: str) -> list[str]:
    """The texts' words; raises UnreadableSubjectError for anything that is no text."""
    found = []
    for i, subject in enumerate(subjects):
        if not isinstance(subject, Text):
            raise UnreadableSubjectError(
                f"{reader} was reading texts; subject {i} is a {type(subject).__name__}. "
                "Subjects of one call are of one kind."
            )
        found.append(subject.text)
    return found


def by_size(pictures: Sequence[Pixels]) -> Iterator[tuple[list[int], Pixels]]:
    """Pictures of equal size together: their positions, and uint8 (n, h, w, 3)."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for i, picture in enumerate(pictures):
        groups.setdefault(picture.shape, []).append(i)
    for positions in groups.values():
        yield positions, np.stack([pictures[i] for i in positions])


@dataclass(frozen=True, slots=True)
class Apart:
    """Pairs taken apart: each picture and each text once, and which of them a pair consists of."""

    pictures: list[Pixels]
    texts: list[str]
    picture_of: NDArray[np.int64]
    text_of: NDArray[np.int64]


def apart(subjects: Sequence[Seeable], reader: str) -> Apart:
    """The pairs' distinct pictures and texts; raises UnreadableSubjectError as `pairs` does.

    Pictures are one where they are the same array, as those that were decoded once are.
    """
    pictures: dict[int, Pixels] = {}
    texts: dict[str, int] = {}
    members = []
    for picture, text in pairs(subjects, reader):
        pictures.setdefault(id(picture), picture)
        members.append((id(picture), texts.setdefault(text, len(texts))))
    place = {identity: i for i, identity in enumerate(pictures)}
    return Apart(
        pictures=list(pictures.values()),
        texts=list(texts),
        picture_of=np.array([place[identity] for identity, _ in members], np.int64),
        text_of=np.array([text for _, text in members], np.int64),
    )
