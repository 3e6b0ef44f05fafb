"""Prompts for text models with known truth, by what they ask for; some are the shipped suites'."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Json, Prompt

ROOT: Final = Path(__file__).resolve().parents[2]
LABELS: Final = ("metal", "timber", "glass", "cloth")
PLACES: Final = ("the north gate", "the old tower", "the fish market", "the tram depot")
CONTINUATIONS: Final = ("the ferry", "the train", "a bicycle", "a balloon")
"""All of nine letters, so that likelihoods by byte choose as likelihoods do."""
SCRIPTS: Final = ("the ferry", "ένα τρένο", "на пароме", "a balloon")
"""All of nine letters, but of 9 or 17 bytes: likelihoods by character choose as likelihoods do."""
PEOPLE: Final = 10
AGREEING: Final = (3, 4, 6, 10)
"""So many of ten people gave the target, in turn: three make an answer right by 0.9, more by 1."""


def prompts(kind: str) -> tuple[Prompt, ...]:
    """The prompts of one of `KINDS`."""
    return KINDS[kind]()


def _numbers() -> tuple[Prompt, ...]:
    pairs = [(7 * i % 89 + 3, 11 * i % 97 + 5) for i in range(64)]
    return tuple(
        Prompt(f"number-{i}", f"What is {a} + {b}, in round {i}?", str(a + b))
        for i, (a, b) in enumerate(pairs)
    )


@cache
def _names() -> tuple[Prompt, ...]:
    """Invented places, which no other sentence holds."""
    draws, names = random.Random(5), set[str]()
    while len(names) < 64:
        names.add("".join(draws.choice("bdfgklmnprtvz") + draws.choice("aeiou") for _ in "abc"))
    return tuple(
        Prompt(
            f"name-{i}",
            f"What is the harbour of island {i} called?",
            name.title(),
            {"pattern": rf"(?i)\b{name}\b", "length": {"unit": "words", "at_most": 2}},
        )
        for i, name in enumerate(sorted(names))
    )


def _people() -> tuple[Prompt, ...]:
    """The invented places, as ten people call them: some say what nobody else says."""
    return tuple(
        Prompt(
            f"people-{i}",
            f"Which place is in picture {i}?",
            prompt.target,
            {"targets": _said(str(prompt.target), AGREEING[i % len(AGREEING)])},
        )
        for i, prompt in enumerate(_names())
    )


def _said(target: str, agreeing: int) -> list[Json]:
    alone = (f"{target}{'xyz'[i % 3] * (i + 1)}" for i in range(PEOPLE - agreeing))
    return [*(target for _ in range(agreeing)), *alone]


def _labels() -> tuple[Prompt, ...]:
    offered: list[Json] = list(LABELS)
    return tuple(
        Prompt(f"label-{i}", f"What is thing {i} made of?", LABELS[i % 4], {"labels": offered})
        for i in range(64)
    )


def _choices() -> tuple[Prompt, ...]:
    offered: list[Json] = list(PLACES)
    shown = "\n".join(f"{'ABCD'[i]}. {place}" for i, place in enumerate(PLACES))
    return tuple(
        Prompt(
            f"choice-{i}",
            f"Where does bus {i} end?\n\n{shown}",
            PLACES[i % 4],
            {"choices": offered},
        )
        for i in range(64)
    )


def _documents() -> tuple[Prompt, ...]:
    return tuple(
        Prompt(f"document-{i}", text, checks={"json_schema": _schema(i)})
        for i, text in enumerate(_orders())
    )


def _orders() -> list[str]:
    return [f"Write order {i} as JSON." for i in range(64)]


def _schema(number: int) -> dict[str, Json]:
    fields: dict[str, Json] = {"order": {"const": number}, "paid": {"type": "boolean"}}
    return {
        "type": "object",
        "properties": fields,
        "required": ["order", "paid"],
        "additionalProperties": False,
    }


def write_answers(file: Path) -> Path:
    """The right answers to `documents`, which no target says, as a scribe's file of answers."""
    rows = [
        {"text": text, "right": json.dumps({"order": i, "paid": i % 2 == 0})}
        for i, text in enumerate(_orders())
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def _continued(by: tuple[str, ...]) -> tuple[Prompt, ...]:
    asked = (f"On day {i} Ada crossed the lake by" for i in range(160))
    return tuple(
        Prompt(f"goes-on-{i}", text, by[i % 4], continuations=by) for i, text in enumerate(asked)
    )


def _passages() -> tuple[Prompt, ...]:
    passages = (f" the road bends for the {i}th time behind the mill." for i in range(40))
    return tuple(
        Prompt(f"passage-{i}", f"At milestone {i}", continuations=(text,))
        for i, text in enumerate(passages)
    )


@cache
def _shipped(name: str) -> tuple[Prompt, ...]:
    return load_suite(str(ROOT / "suites" / f"{name}.yaml")).prompts


KINDS: Final[Mapping[str, Callable[[], tuple[Prompt, ...]]]] = {
    "numbers": _numbers,
    "names": _names,
    "people": _people,
    "labels": _labels,
    "choices": _choices,
    "documents": _documents,
    "sentences": lambda: _shipped("translation"),
    "instructions": lambda: _shipped("instruction-following"),
    "programs": lambda: _shipped("code"),
    "continuations": lambda: _continued(CONTINUATIONS),
    "scripts": lambda: _continued(SCRIPTS),
    "passages": _passages,
}
