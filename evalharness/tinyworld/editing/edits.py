"""36 edits of four kinds, each with the picture before, the right picture after, and its region.

Both pictures are drawn with the same randomness, so that nothing moves but what was asked for; the
region is where they differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.core.nouns import Json
from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.renderer import render, render_alone
from evalharness.tinyworld.scene import Scene, Thing

_SEED = 52_028
_REACH = np.ones((3, 3), np.uint8)

_STARTS = (
    Scene(Thing("ball", "red"), aesthetic="photograph", background="plain"),
    Scene(Thing("house", "blue"), aesthetic="illustration", background="meadow"),
    Scene(Thing("star", "yellow"), aesthetic="watercolour", background="sky"),
    Scene(Thing("heart", "purple"), aesthetic="pixel art", background="plain"),
    Scene(Thing("ring", "orange"), aesthetic="photograph", background="sky"),
    Scene(Thing("moon", "black"), aesthetic="illustration", background="desert"),
    Scene(Thing("tree", "pink"), aesthetic="watercolour", background="plain"),
    Scene(Thing("fish", "green"), aesthetic="pixel art", background="desert"),
)
_COLOURS = ("blue", "red", "purple", "green", "black", "purple", "orange", "blue")
_ADDED = (
    ("left of", Thing("star", "yellow")),
    ("right of", Thing("tree", "green")),
    ("above", Thing("heart", "red")),
    ("below", Thing("moon", "orange")),
    ("right of", Thing("fish", "purple")),
    ("left of", Thing("ball", "red")),
    ("below", Thing("house", "black")),
    ("above", Thing("ring", "pink")),
)
# none of the watercolours: their paint lets the background through, so all of them would change
_BACKGROUNDS = (
    (0, "meadow"),
    (0, "sky"),
    (1, "desert"),
    (3, "sky"),
    (3, "desert"),
    (4, "meadow"),
    (5, "sky"),
    (7, "plain"),
)
_LOOKS = (
    (0, "watercolour"),
    (1, "photograph"),
    (2, "pixel art"),
    (3, "illustration"),
    (4, "pixel art"),
    (5, "watercolour"),
    (6, "photograph"),
    (7, "illustration"),
    (0, "illustration"),
    (1, "watercolour"),
    (4, "illustration"),
    (6, "pixel art"),
)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of the `number`th start; `picture` names what it begins with.

    Only where a look is asked for (`category` "restyle") is the whole picture to be made anew.
    """

    id: str
    category: str
    number: int
    picture: str
    before: Scene
    after: Scene

    @property
    def text(self) -> str:
        """What the picture is to show after the edit, in the words of a caption."""
        return self._said(self.after)

    def checks(self) -> dict[str, Json]:
        """What is there before and after, in words, and after, as rules over objects."""
        asked: dict[str, Json] = {
            "before": self._said(self.before),
            "after": self.text,
            "geneval": {"include": list(_demands(self.after))},
        }
        if self.category == "restyle":
            asked |= {"style": str(self.after.aesthetic), "styles": "tinyworld"}
        return asked

    def _said(self, scene: Scene) -> str:
        # before and after in one wording, so that nothing but the edit sets them apart
        shown = caption(replace(scene, aesthetic=None), np.random.default_rng(self.number))
        return f"{shown}, {scene.aesthetic}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """An edit's pictures, uint8 RGB (64, 64, 3): the one before, the right one after.

    `region` is bool (64, 64), outside of which both are the same; None where all is to change.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    region: NDArray[np.bool_] | None


def edits() -> Iterator[Edit]:
    """Eight colours, eight added things, eight backgrounds and twelve looks."""
    for number, (start, colour) in enumerate(zip(_STARTS, _COLOURS, strict=True)):
        after = replace(start, thing=replace(start.thing, colour=colour))
        yield _edit("recolour", number, number, after)
    for number, (relation, other) in enumerate(_ADDED):
        after = replace(_STARTS[number], relation=_TURNED[relation], other=other)
        yield replace(_edit("add", number, number, after), picture=f"add-{number + 1:02}")
    for place, (number, background) in enumerate(_BACKGROUNDS):
        yield _edit("background", place, number, replace(_STARTS[number], background=background))
    for place, (number, look) in enumerate(_LOOKS):
        yield _edit("restyle", place, number, replace(_STARTS[number], aesthetic=look))


_TURNED = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
"""Where the thing that was there is, once another stands so of it."""


def drawn(edit: Edit) -> Drawn:
    """The pictures of an edit."""
    before = _draw(edit.before, edit.number)
    after = _draw(edit.after, edit.number)
    if edit.category == "add":
        before = render_alone(edit.after, _randomness(edit.number))
    if edit.category == "restyle":
        return Drawn(before, after, None)
    apart = (before != after).any(axis=2).astype(np.uint8)
    whole = cv2.morphologyEx(apart, cv2.MORPH_CLOSE, _REACH)
    return Drawn(before, after, np.asarray(cv2.dilate(whole, _REACH)) > 0)


def _edit(category: str, place: int, number: int, after: Scene) -> Edit:
    start = _STARTS[number]
    name = f"start-{start.thing.object}"
    return Edit(f"{category}-{place + 1:02}", category, number, name, start, after)


def _draw(scene: Scene, number: int) -> NDArray[np.uint8]:
    return render(scene, _randomness(number))


def _randomness(number: int) -> np.random.Generator:
    return np.random.default_rng([_SEED, number])


def _demands(scene: Scene) -> Iterator[dict[str, Json]]:
    first: dict[str, Json] = {
        "class": scene.thing.object,
        "count": 1,
        "color": scene.thing.colour,
    }
    if scene.other is None:
        yield first
        return
    yield {"class": scene.other.object, "count": 1, "color": scene.other.colour}
    yield first | {"position": [scene.relation, 0]}
