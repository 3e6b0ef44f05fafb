"""A new metric over features that are there already: 100,000 outputs, no picture opened."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml

from evalharness.catalog.instruments import load_instrument
from evalharness.core.keys import text_subject
from evalharness.core.outcomes import Answer, Status
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import FeatureRow, Row
from evalharness.ledger.store import Store
from evalharness.runner import clock
from evalharness.runner.asked import Asked
from evalharness.runner.known import Known
from evalharness.runner.look import Look, find_look
from evalharness.runner.plan import ModelPlan, Place
from evalharness.runner.record import plan_rows
from evalharness.runner.storing import attempt_row
from tests.benchmarks.report import Figure
from tests.benchmarks.synthetic import picture_rows
from tests.benchmarks.watched import spent

MODELS, PROMPTS, SEEDS = 10, 2500, 4
DIMENSIONS = 512
ROUNDS = 3
RUN = "synthetic"


def measure() -> list[Figure]:
    """`evalharness score` of a CLIP score nobody measured yet, as a whole process."""
    with tempfile.TemporaryDirectory() as folder:
        suite, models = _written(Path(folder))
        found = []
        for number in range(ROUNDS):
            store = Path(folder) / f"store-{number}"
            _fill(store, suite, models)
            found.append(spent(_command(store, suite, models)))
            [(scores,)] = (
                connect(Store.open(store))
                .execute("SELECT count(*) FROM scores WHERE status = 'ok'")
                .fetchall()
            )
            if scores != MODELS * PROMPTS * SEEDS:
                raise RuntimeError(f"{scores} scores, expected {MODELS * PROMPTS * SEEDS}")
    wall, cpu = min(one.wall_s for one in found), min(one.cpu_s for one in found)
    return [
        Figure(
            f"a new metric (clip_score, {DIMENSIONS} dimensions) over existing features of "
            f"{MODELS * PROMPTS * SEEDS:,} outputs",
            "≤ 10 s",
            f"{wall:.1f} s ({cpu:.1f} s of CPU time)",
            min(wall, cpu) <= 10.0,
            f"`evalharness score`, whole process, {MODELS} models × {PROMPTS:,} prompts × {SEEDS} "
            f"seeds, best of {ROUNDS}; load average {os.getloadavg()[0]:.1f} on "
            f"{os.cpu_count()} cores",
        )
    ]


def _command(store: Path, suite: str, models: tuple[str, ...]) -> list[str]:
    asked = ["score", suite, "--models", ",".join(models), "--store", str(store)]
    return [sys.executable, "-m", "evalharness", *asked]


def _written(folder: Path) -> tuple[str, tuple[str, ...]]:
    """A suite and its models, as files."""
    suite = {
        "name": "large",
        "prompts": [f"thing number {n} on a table" for n in range(PROMPTS)],
        "seeds": SEEDS,
        "metrics": ["clip_score[fake]"],
    }
    (folder / "large.yaml").write_text(yaml.safe_dump(suite))
    models = []
    for number in range(MODELS):
        path = folder / f"model-{number}.yaml"
        path.write_text(
            yaml.safe_dump(
                {"name": f"model-{number}", "backend": "fake", "options": {"cost": number / 100}}
            )
        )
        models.append(str(path))
    return str(folder / "large.yaml"), tuple(models)


def _fill(root: Path, suite: str, models: tuple[str, ...]) -> None:
    """A store with an ok output for every job, and features of every picture and prompt."""
    store = Store.create(root)
    asked = Asked(suites=(suite,), models=models, metrics=("latency",))
    known = Known(store)
    plan = asked.questions()[0].plan(known)
    look = find_look(load_instrument("fake"))
    rng = np.random.default_rng(0)
    with store.writing():
        journal = Journal(store, RUN)
        journal.write(plan_rows(RUN, [plan], known))
        texts = [prompt.text for prompt in plan.suite.prompts]
        journal.write([_feature(look, text_subject(t), "text", rng) for t in texts])
        for model in plan.models:
            journal.write(_outputs(model, look, rng))
        with Ingester(store) as ingester:
            ingester.ingest()
            ingester.publish()


def _outputs(model: ModelPlan, look: Look, rng: np.random.Generator) -> Iterator[Row]:
    now = clock.now()
    for _, job in model.jobs:
        sha256 = hashlib.sha256(job.key.encode()).hexdigest()
        yield attempt_row(RUN, now, Place(1, 1), Answer(job.key, Status.OK, duration_s=0.1))
        yield from picture_rows(job.key, sha256)
        yield _feature(look, sha256, "picture", rng)


def _feature(look: Look, subject: str, kind: str, rng: np.random.Generator) -> FeatureRow:
    return FeatureRow(
        run=RUN,
        made_at=clock.now(),
        feature_key=look.key(subject),
        subject=subject,
        kind=kind,
        instrument=look.instrument.name,
        extractor=look.entry.name,
        weights=look.resolution.revision,
        version=look.entry.version,
        status=str(Status.OK),
        reason="",
        vector=rng.normal(size=DIMENSIONS).astype(np.float32),
        scalar=None,
        text=None,
        detail=None,
    )
