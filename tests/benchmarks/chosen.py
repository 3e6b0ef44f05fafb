"""A published store with pictures that two networks have seen: what `choose` reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from evalharness.core.brief import ReferenceFeatures, Space
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import AttemptRow, FeatureRow, JsonText, MemberRow, Row
from evalharness.ledger.store import Store
from tests.benchmarks.synthetic import (
    MADE_AT,
    RUN,
    model_name,
    model_row,
    picture_rows,
    sha,
    suite_rows,
)

MODELS, PROMPTS, REFERENCES = 50, 200, 20
STYLE, WORDS = Space("look", "weights", 1), Space("clip", "weights", 1)
DIMENSIONS = {STYLE: 768, WORDS: 512}
SUITE = "asked"


def build(root: Path) -> Store:
    """The store, published: one seed, so that 10,000 pictures are compared."""
    store = Store.create(root)
    rng = np.random.default_rng(0)
    with store.writing():
        journal = Journal(store, RUN)
        journal.write(list(suite_rows(SUITE, PROMPTS, ())))
        for number in range(MODELS):
            journal.write(list(_answered(number, rng)))
        with Ingester(store) as ingester:
            ingester.ingest()
            ingester.publish()
    return store


def features() -> ReferenceFeatures:
    """References and words as they come from extractors."""
    rng = np.random.default_rng(1)
    words, neutral = rng.normal(size=(2, DIMENSIONS[WORDS])).astype(np.float32)
    return ReferenceFeatures(
        style=STYLE,
        references=_vectors(0, REFERENCES, DIMENSIONS[STYLE], rng),
        names=tuple(f"reference {number}" for number in range(REFERENCES)),
        texts=WORDS,
        words=words,
        neutral=neutral,
    )


def _vectors(model: int, n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Pictures around a direction of the model's own."""
    own = np.random.default_rng([model, d]).normal(size=d)
    return (own + 2.0 * rng.normal(size=(n, d))).astype(np.float32)


def _answered(model: int, rng: np.random.Generator) -> Iterator[Row]:
    yield model_row(model)
    seen = {space: _vectors(model, PROMPTS, d, rng) for space, d in DIMENSIONS.items()}
    for place in range(PROMPTS):
        key, sha256 = sha("job", model, place), sha("picture", model, place)
        yield MemberRow(
            run=RUN,
            made_at=MADE_AT,
            suite=sha(SUITE),
            variant=sha("variant", model),
            model=model_name(model),
            prompt_id=f"p{place}",
            seed=0,
            job_key=key,
        )
        yield AttemptRow(
            run=RUN,
            made_at=MADE_AT,
            job_key=key,
            take=1,
            attempt=1,
            status="ok",
            reason="",
            duration_s=0.1 + model / 1000,
            batch_size=1,
            padded=False,
            peak_memory_bytes=2**30,
            cost=None,
            device="cpu",
            notes=JsonText("{}"),
        )
        yield from picture_rows(key, sha256)
        for space, vectors in seen.items():
            yield FeatureRow(
                run=RUN,
                made_at=MADE_AT,
                feature_key=sha(sha256, space.instrument),
                subject=sha256,
                kind="picture",
                instrument=space.instrument,
                extractor=space.instrument,
                weights=space.weights,
                version=space.version,
                status="ok",
                reason="",
                vector=vectors[place],
                scalar=None,
                text=None,
                detail=None,
            )
