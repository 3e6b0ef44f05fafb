"""A published store with millions of scores: the few rows by the journal, the many by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evalharness.ledger.artifacts import store_picture
from evalharness.ledger.database import connect_ledger
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.publish import publish_copy
from evalharness.ledger.rows import Row
from evalharness.ledger.store import Store
from tests.benchmarks.synthetic import MADE_AT, RUN, model_row, suite_rows

SUITE = "large"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a store holds; of `pictures` stored ones each output shows one (0: none)."""

    models: int = 50
    prompts: int = 1000
    seeds: int = 1
    metrics: int = 20
    pictures: int = 0

    @property
    def scores(self) -> int:
        """One for every output and metric."""
        return self.models * self.prompts * self.seeds * self.metrics


TEN_MILLION = Size(seeds=4, metrics=50)

_BY = f"'{RUN}' AS run, TIMESTAMP '{MADE_AT:%Y-%m-%d}' AS made_at"

_MEMBERS = f"""
INSERT INTO members BY NAME
SELECT p.suite, v.variant, v.model, p.prompt_id, s.seed,
       sha256(concat(v.variant, p.prompt_id, s.seed)) AS job_key, {_BY}
FROM models v, prompts p, range($seeds) s(seed)
"""

_OUTPUTS = f"""
INSERT INTO outputs BY NAME
SELECT job_key, 1 AS take, 1 AS attempt, 'ok' AS status, '' AS reason, 0.1 AS duration_s,
       1 AS batch_size, false AS padded, NULL AS peak_memory_bytes, NULL AS cost, 'cpu' AS device,
       {_BY}
FROM members
"""

_PICTURES = f"""
INSERT INTO output_artifacts BY NAME
WITH stored AS (SELECT sha256, row_number() OVER (ORDER BY sha256) - 1 AS place FROM artifacts)
SELECT o.job_key, 1 AS take, 1 AS attempt, 0 AS position, s.sha256, {_BY}
FROM outputs o JOIN stored s ON hash(o.job_key) % (SELECT count(*) FROM stored) = s.place
"""

_SCORES_OF_ONE_METRIC = f"""
INSERT INTO scores BY NAME
SELECT m.job_key, 1 AS take, p.digest AS prompt, t.metric, t.recipe,
       sha256(concat(m.job_key, t.metric)) AS score_key, 'ok' AS status, '' AS reason,
       (hash(m.model) % 1000 + hash(m.prompt_id) % 7919 + hash(m.job_key, t.metric) % 9973) / 2e4
       AS value, {_BY}
FROM members m JOIN prompts p USING (suite, prompt_id), metrics t
WHERE t.metric = $metric ORDER BY m.model, p.position, m.seed
"""


def build(root: Path, size: Size) -> Store:
    """The store, published, in the order in which a run scores: metric by metric."""
    store = Store.create(root)
    with store.writing():
        Journal(store, RUN).write([*_few(size), *_pictures(store, size.pictures)])
        with Ingester(store) as ingester:
            ingester.ingest()
        ledger = connect_ledger(store.ledger)
        ledger.execute(_MEMBERS, {"seeds": size.seeds})
        ledger.execute(_OUTPUTS)
        if size.pictures:
            ledger.execute(_PICTURES)
        for number in range(size.metrics):
            ledger.execute(_SCORES_OF_ONE_METRIC, {"metric": metric(number)})
        ledger.execute("CHECKPOINT")
        ledger.close()
        publish_copy(store)
    return store


def metric(number: int) -> str:
    """The name of one of the metrics."""
    return f"metric_{number:02}[fake]"


def _few(size: Size) -> Iterator[Row]:
    yield from suite_rows(SUITE, size.prompts, [metric(n) for n in range(size.metrics)])
    for number in range(size.models):
        yield model_row(number)


def _pictures(store: Store, number: int) -> Iterator[Row]:
    """Stored pictures of 512 pixels, with their thumbnails."""
    rng = np.random.default_rng(0)
    for _ in range(number):
        coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        yield store_picture(store, np.kron(coarse, np.ones((64, 64, 1), np.uint8))).row(
            RUN, MADE_AT
        )
