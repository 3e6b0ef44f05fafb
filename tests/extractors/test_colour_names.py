import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import ImageColor

from evalharness.extractors.colour_names import TERMS, colour_of, named_colours
from evalharness.tinyworld.scene import COLOURS

NAMED = {
    "black": ("black", "#101018"),
    "white": ("white", "snow", "whitesmoke"),
    "grey": ("gray", "silver", "dimgray", "slategray"),
    "red": ("red", "crimson", "firebrick", "darkred", "maroon"),
    "orange": ("orange", "darkorange"),
    "yellow": ("yellow", "gold"),
    "green": ("green", "lime", "forestgreen", "olivedrab", "seagreen"),
    "blue": ("blue", "navy", "royalblue", "dodgerblue", "skyblue"),
    "purple": ("purple", "indigo", "darkorchid", "blueviolet"),
    "pink": ("pink", "hotpink", "deeppink", "lightpink"),
    "brown": ("saddlebrown", "sienna", "#5c4033", "#964b00"),
}


@pytest.mark.parametrize(("term", "css"), [(t, css) for t, some in NAMED.items() for css in some])
def test_css_colours_have_their_basic_names(term: str, css: str) -> None:
    [found] = named_colours(np.array([ImageColor.getrgb(css)], np.uint8))
    assert TERMS[found] == term


def test_the_colours_of_tinyworld_have_their_names() -> None:
    found = named_colours(np.array(list(COLOURS.values()), np.uint8))
    assert [TERMS[i] for i in found] == list(COLOURS)


@given(hnp.arrays(np.uint8, (64, 3)))
def test_every_colour_has_a_name(colours: np.ndarray) -> None:
    found = named_colours(colours)
    assert ((found >= 0) & (found < len(TERMS))).all()


def test_the_middle_of_a_box_decides() -> None:
    picture = np.full((100, 200, 3), 255, np.uint8)
    picture[40:60, 80:120] = (0, 0, 255)
    assert colour_of(picture, (70, 35, 130, 65)) == "blue"
    assert colour_of(picture, (0, 0, 60, 30)) == "white"


@given(st.tuples(*[st.floats(0, 8)] * 4))
def test_boxes_thinner_than_a_pixel_have_a_colour(sides: tuple[float, ...]) -> None:
    x0, x1 = sorted(sides[:2])
    y0, y1 = sorted(sides[2:])
    assert colour_of(np.zeros((8, 8, 3), np.uint8), (x0, y0, x1, y1)) == "black"
