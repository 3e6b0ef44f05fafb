"""Words to scenes: takes what it recognises and leaves the rest open."""

import re

from evalharness.tinyworld.captions import NUMBERS, plural
from evalharness.tinyworld.scene import BACKGROUNDS, COLOURS, MAX_COUNT, OBJECTS, Scene, Thing

_STYLE_WORDS = {
    "photograph": r"\b(?:photo\w*)",
    "illustration": r"\b(?:illustrat\w*)",
    "watercolour": r"\b(?:watercolou?r\w*)",
    "pixel art": r"\b(?:pixel[- ]?art\w*|pixel\w*)",
}
_RELATION_WORDS = {
    "left of": r"\bleft of\b",
    "right of": r"\bright of\b",
    "above": r"\b(?:above|over)\b",
    "below": r"\b(?:below|under|beneath)\b",
}
_SINGULARS = {name: name for name in OBJECTS} | {plural(name): name for name in OBJECTS}
_SINGULARS |= {"fishes": "fish"}
_COUNTS = {word: number for number, word in enumerate(NUMBERS) if number > 0}
_COUNTS |= {str(number): number for number in range(1, MAX_COUNT + 1)}
_QUOTED = re.compile(r'["\u201c]([^"\u201c\u201d]+)["\u201d]')
_WORD = re.compile(r"[a-z]+|\d+")


def _first(patterns: dict[str, str], text: str) -> tuple[str | None, re.Match[str] | None]:
    """The pattern that matches earliest, by name."""
    found = [
        (match.start(), name, match)
        for name, pattern in patterns.items()
        if (match := re.search(pattern, text))
    ]
    if not found:
        return None, None
    _, name, match = min(found, key=lambda item: item[:2])
    return name, match


def _thing(text: str) -> Thing:
    """The first object and the first colour named."""
    words = _WORD.findall(text)
    objects = [_SINGULARS[word] for word in words if word in _SINGULARS]
    colours = [word for word in words if word in COLOURS]
    return Thing(objects[0] if objects else None, colours[0] if colours else None)


def _count(text: str) -> int | None:
    counts = [_COUNTS[word] for word in _WORD.findall(text) if word in _COUNTS]
    return counts[0] if counts else None


def _background(text: str) -> str | None:
    places = [word for word in _WORD.findall(text) if word in BACKGROUNDS]
    return places[-1] if places else None


def parse(caption: str) -> Scene:
    """Read a caption or any prompt. Words outside the vocabulary are ignored.

    Text in straight or curly double quotes is lettering, with its case kept.
    """
    quoted = _QUOTED.search(caption)
    text = _QUOTED.sub(" ", caption).lower()
    aesthetic, _ = _first(_STYLE_WORDS, text)
    for pattern in _STYLE_WORDS.values():
        text = re.sub(pattern, " ", text)
    background = _background(text)
    if quoted:
        thing = Thing(None, _thing(text).colour)
        return Scene(thing, None, None, None, aesthetic, background, quoted[1])
    relation, match = _first(_RELATION_WORDS, text)
    if match is None:
        return Scene(_thing(text), _count(text), None, None, aesthetic, background)
    before, after = text[: match.start()], text[match.end() :]
    return Scene(_thing(before), _count(before), relation, _thing(after), aesthetic, background)
