"""The parser inverts every caption, and takes what it can from any other text."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.parser import parse
from evalharness.tinyworld.scene import (
    AESTHETICS,
    BACKGROUNDS,
    COLOURS,
    OBJECTS,
    RELATIONS,
    Scene,
    Thing,
)

maybe_object = st.none() | st.sampled_from(OBJECTS)
maybe_colour = st.none() | st.sampled_from(tuple(COLOURS))
things = st.builds(Thing, maybe_object, maybe_colour)
stated = st.fixed_dictionaries(
    {
        "aesthetic": st.none() | st.sampled_from(AESTHETICS),
        "background": st.none() | st.sampled_from(BACKGROUNDS),
    }
)
words = st.text(alphabet="ABCDEFGHIJabcdefghij ", min_size=1, max_size=12).filter(str.strip)
counted = st.builds(Scene, things, st.none() | st.integers(1, 4))
related = st.builds(
    Scene, things, st.none() | st.integers(1, 4), st.sampled_from(RELATIONS), things
)
lettered = st.builds(
    lambda colour, text: Scene(Thing(None, colour), lettering=text), maybe_colour, words
)


@given(counted | related | lettered, stated, st.integers(0, 2**32 - 1))
def test_parser_inverts_every_caption(scene: Scene, rest: dict[str, str | None], seed: int) -> None:
    scene = replace(scene, **rest)
    assert parse(caption(scene, np.random.default_rng(seed))) == scene


@given(st.text(max_size=200))
def test_any_text_is_parsed(text: str) -> None:
    assert isinstance(parse(text), Scene)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Breathtaking 8k masterpiece: three RED fishes, watercolor style",
            Scene(Thing("fish", "red"), 3, aesthetic="watercolour"),
        ),
        (
            "my green tree, to the right of the old yellow house",
            Scene(Thing("tree", "green"), None, "right of", Thing("house", "yellow")),
        ),
        ("a shop sign “Big Sale” in pink", Scene(Thing(None, "pink"), lettering="Big Sale")),
        ("a zebra", Scene()),
        ("", Scene()),
    ],
)
def test_unknown_words_are_ignored(text: str, expected: Scene) -> None:
    assert parse(text) == expected


def test_style_words_appear_only_when_stated() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert parse(caption(Scene(Thing("star", "red")), rng)).aesthetic is None
