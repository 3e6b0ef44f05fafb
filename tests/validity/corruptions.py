"""What painters can be made to do wrong, in growing doses, and the prompts it is tried on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from evalharness.core.nouns import Json, Model, Prompt
from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.scene import (
    AESTHETICS,
    COLOURS,
    MAX_COUNT,
    OBJECTS,
    RELATIONS,
    Scene,
    Thing,
)

REPLICATES = 6
"""Faultless painters that differ in nothing but chance: they show how far a metric moves alone."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """A painter's option in three growing doses, tried on one of the laboratory's suites."""

    name: str
    suite: str
    option: str
    doses: tuple[Json, Json, Json]


CORRUPTIONS = (
    Corruption("object", "singles", "object_error", (0.15, 0.3, 0.6)),
    Corruption("colour", "singles", "colour_error", (0.15, 0.3, 0.6)),
    Corruption("style", "singles", "follow", (0.7, 0.35, 0.0)),
    Corruption("blur", "singles", "blur", (0.7, 1.2, 2.5)),
    Corruption("noise", "singles", "noise", (0.04, 0.1, 0.25)),
    Corruption("jpeg", "singles", "jpeg", (50, 20, 5)),
    Corruption("modes", "singles", "variations", (32, 8, 2)),
    Corruption("memorised", "singles", "memorised", (0.15, 0.3, 0.6)),
    Corruption("count", "scenes", "count_error", (0.15, 0.3, 0.6)),
    Corruption("relation", "scenes", "relation_error", (0.15, 0.3, 0.6)),
    Corruption("misspelling", "words", "spelling_error", (0.2, 0.5, 1.0)),
)

MIXED = {
    "singles": {"object_error": 0.6, "colour_error": 0.6, "blur": 2.0, "noise": 0.2},
    "scenes": {"count_error": 0.8, "relation_error": 0.8, "object_error": 0.4},
    "words": {"spelling_error": 1.0, "blur": 1.5},
}
"""The options of the painters in the pool, each drawn evenly from 0 to this."""

POOL = {"singles": 24, "scenes": 20, "words": 20}
SEEDS = {"singles": 8, "scenes": 4, "words": 2}
"""Eight seeds of 64 prompts are the 512 pictures without which density gives no number."""


def prompts(suite: str) -> list[Prompt]:
    """The prompts of one of the laboratory's suites."""
    return {"singles": _singles, "scenes": _scenes, "words": _words}[suite]()


def _singles() -> list[Prompt]:
    """Every object in every colour, in one of the four aesthetics or in none by turns."""
    styles: tuple[str | None, ...] = (None, *AESTHETICS)
    made = []
    for place, (thing, colour) in enumerate(product(OBJECTS, COLOURS)):
        style = styles[place % len(styles)]
        checks: dict[str, Json] = {
            "styles": "tinyworld",
            "geneval": {"include": [{"class": thing, "count": 1, "color": colour}]},
        }
        if style is not None:
            checks["style"] = style
        scene = Scene(Thing(thing, colour), aesthetic=style)
        made.append(_prompt("single", place, scene, checks, style or "none"))
    return made


def _scenes() -> list[Prompt]:
    """Thirty-two counts and thirty-two relations."""
    rng = np.random.default_rng(7)
    made = []
    for place in range(32):
        thing, colour = OBJECTS[place % len(OBJECTS)], str(rng.choice(list(COLOURS)))
        count = 2 + place % (MAX_COUNT - 1)
        include: list[Json] = [{"class": thing, "count": count, "color": colour}]
        more: list[Json] = [{"class": thing, "count": count + 1}]
        checks: dict[str, Json] = {"geneval": {"include": include, "exclude": more}}
        made.append(_prompt("count", place, Scene(Thing(thing, colour), count), checks))
    for place in range(32):
        one, other = (str(name) for name in rng.choice(OBJECTS, 2, replace=False))
        near, far = (str(name) for name in rng.choice(list(COLOURS), 2, replace=False))
        relation = RELATIONS[place % len(RELATIONS)]
        include = [
            {"class": other, "count": 1, "color": far},
            {"class": one, "count": 1, "color": near, "position": [relation, 0]},
        ]
        scene = Scene(Thing(one, near), relation=relation, other=Thing(other, far))
        made.append(_prompt("relation", place, scene, {"geneval": {"include": include}}))
    return made


def _words() -> list[Prompt]:
    letters = [
        "OPEN",
        "CLOSED",
        "BAKERY",
        "LIBRARY",
        "STATION",
        "MARKET",
        "GARDEN",
        "HARBOUR",
        "MUSEUM",
        "THEATRE",
        "COFFEE",
        "FLOWERS",
        "BRIDGE",
        "CASTLE",
        "RIVER",
        "SUMMER",
    ]
    return [
        _prompt("word", place, Scene(lettering=word), {"lettering": word})
        for place, word in enumerate(letters)
    ]


def _prompt(
    kind: str, place: int, scene: Scene, checks: dict[str, Json], style: str = "none"
) -> Prompt:
    text = caption(scene, np.random.default_rng([len(kind), place]))
    return Prompt(f"{kind}-{place}", text, checks=checks, tags={"style": style, "kind": kind})


def faultless(suite: str) -> list[Model]:
    """Painters without a fault; a sleep of nothing makes each draw with other chances."""
    return [_painter(f"{suite}-faultless-{i}", latency_s=i * 1e-9) for i in range(REPLICATES)]


def corrupted(corruption: Corruption) -> list[Model]:
    """One painter a dose."""
    return [
        _painter(f"{corruption.name}-{place}", **{corruption.option: dose})
        for place, dose in enumerate(corruption.doses, start=1)
    ]


def pool(suite: str) -> list[Model]:
    """Painters with every fault of the suite at once, each to a degree of its own."""
    rng = np.random.default_rng([11, len(suite)])
    return [
        _painter(
            f"{suite}-mixed-{i}",
            **{name: round(float(rng.uniform(0, most)), 3) for name, most in MIXED[suite].items()},
        )
        for i in range(POOL[suite])
    ]


def _painter(name: str, **options: Json) -> Model:
    return Model(name, "painter", "", options=options)
