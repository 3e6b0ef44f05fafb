"""Scenes to words: several paraphrases of every scene.

Whatever a scene states is said, and nothing else: :func:`evalharness.tinyworld.parser.parse`
gives the scene back. A scene without an aesthetic makes a caption without style words.
"""

import numpy as np

from evalharness.tinyworld.scene import Scene, Thing

NUMBERS = ("no", "one", "two", "three", "four")

_PREFIXES = {
    "photograph": ("a photograph of", "a photo of"),
    "illustration": ("an illustration of", "a flat illustration of"),
    "watercolour": ("a watercolour of", "a watercolour painting of"),
    "pixel art": ("pixel art of", "a pixel art picture of"),
}
_SUFFIXES = {
    "photograph": (", photograph", ", as a photograph"),
    "illustration": (", illustration", ", as an illustration"),
    "watercolour": (", watercolour", ", in watercolour"),
    "pixel art": (", pixel art", ", as pixel art"),
}
_RELATION_WORDS = {
    "left of": ("left of", "to the left of"),
    "right of": ("right of", "to the right of"),
    "above": ("above", "over"),
    "below": ("below", "under"),
}
_BACKGROUND_WORDS = {
    "plain": " on a plain background",
    "sky": " in the sky",
    "meadow": " in a meadow",
    "desert": " in a desert",
}


def plural(noun: str) -> str:
    """The plural of an object's name."""
    return noun if noun == "fish" else f"{noun}s"


def _pick(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _article(words: str) -> str:
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def _thing(thing: Thing, count: int | None, rng: np.random.Generator) -> str:
    """A noun phrase; the number ``None`` is said with an article, 1 with a word."""
    if thing.object is None:
        noun = "things" if count is not None and count > 1 else "thing"
    else:
        noun = plural(thing.object) if count is not None and count > 1 else thing.object
    if thing.colour is None:
        phrase = noun
    elif rng.random() < 0.8:
        phrase = f"{thing.colour} {noun}"
    else:
        phrase = f"{noun} in {thing.colour}"
    return _article(phrase) if count is None else f"{NUMBERS[count]} {phrase}"


def _lettering(scene: Scene, rng: np.random.Generator) -> str:
    colour = scene.thing.colour
    quoted = f'"{scene.lettering}"'
    if colour is None:
        return _pick((f"the word {quoted}", f"a sign that says {quoted}"), rng)
    return _pick((f"the word {quoted} in {colour} letters", f"{quoted} written in {colour}"), rng)


def _subject(scene: Scene, rng: np.random.Generator) -> str:
    if scene.lettering is not None:
        return _lettering(scene, rng)
    words = _thing(scene.thing, scene.count, rng)
    if scene.relation is not None and scene.other is not None:
        relation = _pick(_RELATION_WORDS[scene.relation], rng)
        words = f"{words} {relation} {_thing(scene.other, None, rng)}"
    return words


def caption(scene: Scene, rng: np.random.Generator) -> str:
    """Say a scene in one of its paraphrases, chosen by ``rng``."""
    words = _subject(scene, rng)
    if scene.background is not None:
        words += _BACKGROUND_WORDS[scene.background]
    if scene.aesthetic is None:
        return words
    if rng.random() < 0.5:
        return f"{_pick(_PREFIXES[scene.aesthetic], rng)} {words}"
    return words + _pick(_SUFFIXES[scene.aesthetic], rng)
