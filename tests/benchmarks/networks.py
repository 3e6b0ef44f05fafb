"""What the committed networks can do, the generators as a run made their pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from evalharness.api import run
from evalharness.ledger.artifacts import read_picture
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.tinyworld.oracle import Oracle
from evalharness.tinyworld.references import reference_scene, references
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS
from tests.benchmarks.report import Figure
from tests.tinyworld.test_networks import HELD_OUT, share, zero_shot

RENDERS = 1024

_PICTURES = """
    SELECT a.sha256, object.value, colour.value
    FROM members m
    JOIN outputs o USING (job_key)
    JOIN output_artifacts a USING (job_key, take, attempt)
    JOIN tags object ON object.suite = m.suite AND object.prompt_id = m.prompt_id
        AND object.tag = 'object'
    JOIN tags colour ON colour.suite = m.suite AND colour.prompt_id = m.prompt_id
        AND colour.tag = 'colour'
    WHERE m.model = $1
"""


def measure() -> list[Figure]:
    """tiny-clip on held-out renders; both generators on the tinyworld suite, by the oracle."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        run(
            "tinyworld", models=["tiny-base", "tiny-undertrained"], metrics=["latency"], store=store
        )
        base, n = _right(store, "tiny-base")
        early, _ = _right(store, "tiny-undertrained")
    how = (
        f"{n} pictures each of the tinyworld suite (64 prompts × 4 seeds), as the runner made them"
    )
    return [
        *_clip(),
        Figure(
            "tiny-base: pictures with the asked object and colour (oracle)",
            "≥ 85 %",
            f"{base:.1%}",
            base >= 0.85,
            how,
        ),
        Figure(
            "tiny-undertrained, the same",
            "≥ 30 points less",
            f"{early:.1%} ({100 * (base - early):.1f} points less)",
            base - early >= 0.3,
            how,
        ),
    ]


def _right(store: Path, model: str) -> tuple[float, int]:
    """Share of a model's pictures that show what was asked, and how many there are."""
    opened = Store.open(store)
    connection = connect(opened)
    rows = connection.execute(_PICTURES, [model]).fetchall()
    connection.close()
    pictures = np.stack([read_picture(opened, sha256) for sha256, _, _ in rows])
    seen = Oracle.load().predict(pictures)
    right = [
        (one, other) == (thing, colour)
        for one, other, (_, thing, colour) in zip(seen["object"], seen["colour"], rows, strict=True)
    ]
    return float(np.mean(right)), len(right)


def _clip() -> list[Figure]:
    scenes = [reference_scene(index) for index in range(RENDERS)]
    pictures = np.stack(list(references(RENDERS, HELD_OUT)))
    questions = {
        "object": ({name: f"a {name}" for name in OBJECTS}, 0.95),
        "colour": ({colour: f"a {colour} thing" for colour in COLOURS}, 0.95),
        "aesthetic": ({style: f"a thing, {style}" for style in AESTHETICS}, 0.97),
    }
    truth = {
        "object": [str(s.thing.object) for s in scenes],
        "colour": [str(s.thing.colour) for s in scenes],
        "aesthetic": [str(s.aesthetic) for s in scenes],
    }
    seen = zero_shot(pictures, {name: asked for name, (asked, _) in questions.items()})
    judged = Oracle.load().predict(pictures)
    figures = [
        Figure(
            f"oracle on held-out renders: {name}",
            "–",
            f"{share(judged[name], truth[name]):.1%}",
            True,
            f"{RENDERS} renders",
        )
        for name in truth
    ]
    for name, (_, least) in questions.items():
        reached = share(seen[name], truth[name])
        figures.append(
            Figure(
                f"tiny-clip zero-shot on held-out renders: {name}",
                f"≥ {least:.0%}",
                f"{reached:.1%}",
                reached >= least,
                f"{RENDERS} renders",
            )
        )
    return figures
