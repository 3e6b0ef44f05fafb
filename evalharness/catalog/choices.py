"""Multiple choice as published: choices with letters, and which of them an answer means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from evalharness.catalog.documents import Document, Place, describe
from evalharness.core.nouns import Json

ASKING = "Answer with the letter of the right choice."
"""What stands below lettered choices."""


def lettered(choices: Sequence[str]) -> str:
    """The choices below each other: `A. first`, `B. second`, …"""
    return "\n".join(f"{ascii_uppercase[i]}. {text}" for i, text in enumerate(choices))


@dataclass(frozen=True, slots=True)
class Choices:
    """2 to 26 choices of one question.

    `given` are they as the file has them (text, or numbers), `labels` how the file calls them
    (letters, or numbers from 1) where it does; `place` is where they stand, for errors.
    """

    document: Document
    place: Place
    given: tuple[Json, ...]
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = describe(list(self.given))
        if not 2 <= len(self.given) <= len(ascii_uppercase):
            raise self.document.problem(self.place, found, "2 to 26 choices")
        for each in self.given:
            if each is None or isinstance(each, list | dict) or not str(each).strip():
                raise self.document.problem(self.place, describe(each), "choices that are text")
        if self.labels and len({*self.labels}) != len(self.given):
            raise self.document.problem(self.place, found, "a label of its own for each choice")

    @property
    def texts(self) -> list[str]:
        """The choices as text, without outer spaces."""
        return [str(each).strip() for each in self.given]

    def right(self, answer: Json, place: Place) -> str:
        """The text of the choice that an answer means: its letter or label, index or text.

        An index counts from 0. Raises BadInputError where none or several are meant, or where
        the right choice's text stands there twice.
        """
        found = sorted(self._meant(answer))
        texts = self.texts
        if len(found) == 1 and texts.count(texts[found[0]]) == 1:
            return texts[found[0]]
        if len(found) > 1:
            meant = " or ".join(ascii_uppercase[each] for each in found)
            expected = f"one choice (this could mean {meant}): write its letter"
        elif found:
            expected = "a right choice that does not stand there twice"
        else:
            expected = (
                f"a letter from A to {ascii_uppercase[len(texts) - 1]}, an index from 0 to "
                f"{len(texts) - 1}, or the text of a choice"
            )
        raise self.document.problem(place, describe(answer), expected)

    def _meant(self, answer: Json) -> set[int]:
        """The positions of the choices that an answer may mean."""
        if answer is None or isinstance(answer, bool | list | dict):
            return set()
        if isinstance(answer, float):
            answer = int(answer) if answer.is_integer() else str(answer)
        return self._by_text(answer) | (self._by_label(answer) or self._by_index(answer))

    def _by_text(self, answer: int | str) -> set[int]:
        wanted = answer.strip() if isinstance(answer, str) else answer
        alike = [
            position
            for position, each in enumerate(self.given)
            if (each.strip() if isinstance(each, str) else each) == wanted
        ]
        return {*alike[:1]}  # a text that stands there twice is told by `right`

    def _by_label(self, answer: int | str) -> set[int]:
        labels = self.labels or tuple(ascii_uppercase[: len(self.given)])
        said = str(answer).strip(" ().:").casefold()
        return {i for i, label in enumerate(labels) if label.strip().casefold() == said}

    def _by_index(self, answer: int | str) -> set[int]:
        written = str(answer).strip()
        if any(label.isdigit() for label in self.labels) or not written.isdecimal():
            return set()
        return {int(written)} & {*range(len(self.given))}
