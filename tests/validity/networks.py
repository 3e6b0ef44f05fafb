"""The same questions to trained generators, whose pictures an oracle judges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evalharness.ledger.artifacts import read_picture
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.tinyworld.oracle import Oracle
from evalharness.tinyworld.parser import parse

MODELS = (
    "tiny-base",
    "tiny-undertrained",
    "tiny-photo",
    "tiny-illustration",
    "tiny-watercolour",
    "tiny-pixel",
)

_PICTURES = """
    SELECT a.sha256, p.text
    FROM members m
    JOIN prompts p ON p.suite = m.suite AND p.prompt_id = m.prompt_id
    JOIN outputs o USING (job_key)
    JOIN output_artifacts a USING (job_key, take, attempt)
    WHERE m.model = $1 AND o.status = 'ok'
"""


def judged(store: Path, models: Sequence[str]) -> dict[str, dict[str, float]]:
    """Per model, the shares of pictures with the asked object, colour, both, and aesthetic."""
    opened, oracle = Store.open(store), Oracle.load()
    connection = connect(opened)
    found = {}
    for model in models:
        rows = connection.execute(_PICTURES, [model]).fetchall()
        seen = oracle.predict(np.stack([read_picture(opened, sha256) for sha256, _ in rows]))
        scenes = [parse(text) for _, text in rows]
        thing = np.array([s.thing.object == o for s, o in zip(scenes, seen["object"], strict=True)])
        colour = np.array(
            [s.thing.colour == c for s, c in zip(scenes, seen["colour"], strict=True)]
        )
        asked = [
            (s.aesthetic == a)
            for s, a in zip(scenes, seen["aesthetic"], strict=True)
            if s.aesthetic is not None
        ]
        found[model] = {
            "object": float(thing.mean()),
            "colour": float(colour.mean()),
            "both": float((thing & colour).mean()),
            "asked style": float(np.mean(asked)),
        }
    connection.close()
    return found
