"""The looks that can be asked for, by vocabulary, each with the phrase it is recognised by.

A prompt names its vocabulary in `checks.styles` and, where it asks for a look, the look in
`checks.style`: `{"style": "film noir", "styles": "aesthetics"}`. A prompt with a vocabulary and
no look asks for none; what it gets shows a model's default look.

A picture has the look whose phrase is nearest to it, among the looks that the one asked for must
be told from (`rivals`). Phrases describe the medium and no subject, so that they fit any picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Style:
    """A look: its name in checks and tags, and the phrase that describes it.

    `broader` names the look that this one is a kind of: a food photograph is a photograph too.
    """

    name: str
    phrase: str
    broader: str | None = None


def _vocabulary(*styles: Style) -> Mapping[str, Style]:
    return MappingProxyType({style.name: style for style in styles})


AESTHETICS = _vocabulary(
    Style("photograph", "an ordinary photograph"),
    Style("cinematic", "a cinematic film still with colour grading and dramatic light"),
    Style("film noir", "a black-and-white film noir still with hard shadows"),
    Style("oil painting", "an oil painting with visible brush strokes on canvas"),
    Style("watercolour", "a watercolour painting with soft washes on paper"),
    Style("ink wash", "an East Asian ink wash painting in black ink on rice paper"),
    Style("miniature painting", "a Mughal or Persian miniature painting"),
    Style("pencil drawing", "a graphite pencil drawing"),
    Style("engraving", "an old engraving in fine hatched lines"),
    Style("woodblock print", "a Japanese ukiyo-e woodblock print"),
    Style("anime", "an anime drawing with cel shading"),
    Style("comic", "a comic book panel with bold ink lines and halftone dots"),
    Style("concept art", "digital concept art for a film or a video game"),
    Style("vector illustration", "a flat vector illustration with clean shapes"),
    Style("pixel art", "pixel art with large square pixels"),
    Style("low poly", "a low poly model of flat-shaded triangles"),
    Style("3D render", "a glossy computer-generated 3D render"),
    Style("claymation", "a claymation scene of plasticine figures"),
    Style("papercut", "a layered papercut made of coloured card"),
    Style("embroidery", "an embroidery in coloured thread on fabric"),
    Style("stained glass", "a stained glass window with lead lines"),
    Style("fashion photograph", "a fashion photograph for a magazine", "photograph"),
    Style("wildlife photograph", "a wildlife photograph through a telephoto lens", "photograph"),
    Style("aerial photograph", "an aerial photograph taken from high above", "photograph"),
    Style("architectural photograph", "an architectural photograph of a building", "photograph"),
    Style("product photograph", "a studio product photograph on a plain background", "photograph"),
    Style("food photograph", "a styled food photograph for a cookbook", "photograph"),
)
"""The vocabulary of the suite `aesthetics`."""

TINYWORLD = _vocabulary(
    Style("photograph", "a photograph"),
    Style("illustration", "an illustration"),
    Style("watercolour", "a watercolour painting"),
    Style("pixel art", "pixel art"),
)
"""The embedded world's four aesthetics, in the words its CLIP model knows."""

VOCABULARIES: Mapping[str, Mapping[str, Style]] = MappingProxyType(
    {"aesthetics": AESTHETICS, "tinyworld": TINYWORLD}
)


def rivals(vocabulary: Mapping[str, Style], name: str) -> tuple[Style, ...]:
    """The looks that `name` must be told from: all others but its own kinds.

    Who asks for a photograph and gets a food photograph got a photograph; who asks for a food
    photograph and gets an ordinary one did not get the look. Raises KeyError for an unknown name.
    """
    asked = vocabulary[name]
    return tuple(s for s in vocabulary.values() if s.name != name and s.broader != asked.name)
