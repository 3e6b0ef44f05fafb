"""What the committed networks can do, the generators as a run made their pictures."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evalharness.api import run
from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.catalog.suites import load_suite
from evalharness.ledger.artifacts import read_picture
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.tinyworld.object_detector import ObjectDetector
from evalharness.tinyworld.oracle import Oracle
from evalharness.tinyworld.references import reference_scene, references, single_object_captions
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS
from evalharness.tinyworld.weights import FINE_TUNES
from tests.benchmarks.report import Figure
from tests.tinyworld import test_objects as objects
from tests.tinyworld.test_networks import HELD_OUT, share, zero_shot

RENDERS = 1024

_PICTURES = """
    SELECT a.sha256, m.prompt_id
    FROM members m
    JOIN outputs o USING (job_key)
    JOIN output_artifacts a USING (job_key, take, attempt)
    WHERE m.model = $1 AND m.prompt_id IN (SELECT unnest($2))
"""


def measure() -> list[Figure]:
    """tiny-clip and tiny-objects on renders, the generators by what a run made of them."""
    with tempfile.TemporaryDirectory() as folder:
        store, plain = Path(folder) / "store", Path(folder) / "plain.jsonl"
        plain.write_text("\n".join(json.dumps(line) for line in _plain_prompts()))
        generators = ["tiny-base", "tiny-undertrained", *FINE_TUNES]
        run("tinyworld", models=generators, metrics=["latency"], store=store)
        run(
            prompts=plain, models=list(FINE_TUNES), seeds=range(4), metrics=["latency"], store=store
        )
        asked = {p.id: p.tags for p in load_suite("tinyworld").prompts}
        return [*_clip(), *_objects(), *_follow(store, asked), *_fine_tunes(store, asked)]


Asked = Mapping[str, Mapping[str, str]]
"""What each prompt asks for: its tags by its id."""


def _plain_prompts() -> Iterator[dict[str, Any]]:
    """Every object in every colour, without a word of style."""
    things = [(name, colour) for name in OBJECTS for colour in COLOURS]
    for text, (name, colour) in zip(single_object_captions(), things, strict=True):
        tags = {"object": name, "colour": colour, "style": "none"}
        yield {"id": f"plain-{colour}-{name}", "text": text, "tags": tags}


@dataclass(frozen=True)
class _Seen:
    """What the oracle saw in one picture, beside what its prompt asked for."""

    asked: Mapping[str, str]
    seen: Mapping[str, str]

    @property
    def right(self) -> bool:
        """Object and colour are the ones that were asked for."""
        return all(self.seen[name] == self.asked[name] for name in ("object", "colour"))


def _look(store: Path, model: str, asked: Asked) -> list[_Seen]:
    opened = Store.open(store)
    connection = connect(opened)
    rows = connection.execute(_PICTURES, [model, list(asked)]).fetchall()
    connection.close()
    pictures = np.stack([read_picture(opened, sha256) for sha256, _ in rows])
    seen = Oracle.load().predict(pictures)
    return [
        _Seen(asked[prompt], {name: seen[name][i] for name in seen})
        for i, (_, prompt) in enumerate(rows)
    ]


def _follow(store: Path, asked: Asked) -> list[Figure]:
    looks = {m: _look(store, m, asked) for m in ("tiny-base", "tiny-undertrained")}
    base, early = (float(np.mean([one.right for one in look])) for look in looks.values())
    n = len(looks["tiny-base"])
    how = (
        f"{n} pictures each of the tinyworld suite (64 prompts × 4 seeds), as the runner made them"
    )
    return [
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


def _fine_tunes(store: Path, asked: Asked) -> list[Figure]:
    figures = []
    plain = {str(line["id"]): line["tags"] for line in _plain_prompts()}
    for name, own in FINE_TUNES.items():
        unstyled = _look(store, name, plain)
        looks_own = float(np.mean([one.seen["aesthetic"] == own for one in unstyled]))
        right = float(np.mean([one.right for one in unstyled]))
        how = f"{len(unstyled)} pictures: 64 captions without style words × 4 seeds"
        others = [
            one for one in _look(store, name, asked) if one.asked["style"] not in ("none", own)
        ]
        steered = float(np.mean([one.seen["aesthetic"] == one.asked["style"] for one in others]))
        styled = f"{len(others)} pictures of the tinyworld suite that ask for another aesthetic"
        figures += [
            Figure(
                f"{name}: {own} where no style is asked (oracle)",
                "≥ 90 %",
                f"{looks_own:.1%}",
                looks_own >= 0.9,
                how,
            ),
            Figure(f"{name}: asked object and colour (oracle)", "–", f"{right:.1%}", True, how),
            Figure(
                f"{name}: another aesthetic where asked (oracle)",
                "–",
                f"{steered:.1%}",
                True,
                styled,
            ),
        ]
    return figures


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


def _objects() -> list[Figure]:
    instrument = load_instrument("tiny-objects")
    resolution = registry.extractor(instrument.extractor).resolve(instrument)
    with ObjectDetector(instrument, resolution) as detector:
        examples = objects.look(detector, 512)
    related = [example for example in examples if example.scene.relation is not None]
    shares = {
        "exactly the objects": [objects.right_objects(one, 0.3) for one in examples],
        "the number of objects, of those surer than 0.9": [
            len(one.surer(0.9)) == len(one.shown) for one in examples
        ],
        "every object's colour": [objects.right_colours(one) for one in examples],
        "the relation, by the boxes": [objects.right_relation(one) for one in related],
    }
    return [
        Figure(
            f"tiny-objects on held-out renders: {what}",
            "–",
            f"{np.mean(right):.1%}",
            True,
            f"{len(right)} renders of every kind",
        )
        for what, right in shares.items()
    ]
