"""The mistakes a painter makes on purpose, each with a programmed probability."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evalharness.tinyworld.scene import COLOURS, MAX_COUNT, OBJECTS, RELATIONS, Scene, Thing


def _other(value: str, choices: Sequence[str], rng: np.random.Generator) -> str:
    return str(rng.choice([choice for choice in choices if choice != value]))


def _thing(thing: Thing, errors: Mapping[str, float], rng: np.random.Generator) -> Thing:
    name, colour = thing.object, thing.colour
    if name is not None and rng.random() < errors["object_error"]:
        name = _other(name, OBJECTS, rng)
    if colour is not None and rng.random() < errors["colour_error"]:
        colour = _other(colour, tuple(COLOURS), rng)
    return Thing(name, colour)


def _miscount(count: int, rng: np.random.Generator) -> int:
    near = [n for n in (count - 1, count + 1) if 1 <= n <= MAX_COUNT]
    return int(rng.choice(near))


def misspell(text: str, rng: np.random.Generator) -> str:
    """One letter replaced by another of the same case; text without letters stays."""
    spots = [i for i, letter in enumerate(text) if letter in string.ascii_letters]
    if not spots:
        return text
    spot = int(rng.choice(spots))
    letters = string.ascii_uppercase if text[spot].isupper() else string.ascii_lowercase
    return text[:spot] + _other(text[spot], letters, rng) + text[spot + 1 :]


def mistaken(scene: Scene, errors: Mapping[str, float], rng: np.random.Generator) -> Scene:
    """The scene as it will be drawn instead. Only what is stated can go wrong.

    ``errors`` gives the probabilities under the names of
    :data:`evalharness.tinyworld.programme.ERRORS`; a scene without a count means one.
    """
    wrong = replace(scene, thing=_thing(scene.thing, errors, rng))
    if scene.other is not None:
        wrong = replace(wrong, other=_thing(scene.other, errors, rng))
    if scene.lettering is not None:
        if rng.random() < errors["spelling_error"]:
            wrong = replace(wrong, lettering=misspell(scene.lettering, rng))
    elif scene.relation is not None:
        if rng.random() < errors["relation_error"]:
            wrong = replace(wrong, relation=_other(scene.relation, RELATIONS, rng))
    elif rng.random() < errors["count_error"]:
        wrong = replace(wrong, count=_miscount(scene.count or 1, rng))
    return wrong
