"""A published store with ten million scores: the few rows by the journal, the many by SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from evalharness.ledger.database import connect_ledger
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.publish import publish_copy
from evalharness.ledger.rows import JsonText, MetricRow, ModelRow, PromptRow, Row, SuiteRow, TagRow
from evalharness.ledger.store import Store

MODELS, PROMPTS, SEEDS, METRICS = 50, 1000, 4, 50
SCORES = MODELS * PROMPTS * SEEDS * METRICS
SUITE, RUN, MADE_AT = "large", "synthetic", datetime(2026, 3, 1)

_BY = f"'{RUN}' AS run, TIMESTAMP '{MADE_AT:%Y-%m-%d}' AS made_at"

_MANY = f"""
INSERT INTO members BY NAME
SELECT p.suite, v.variant, v.model, p.prompt_id, s.seed,
       sha256(concat(v.variant, p.prompt_id, s.seed)) AS job_key, {_BY}
FROM models v, prompts p, range({SEEDS}) s(seed);
INSERT INTO outputs BY NAME
SELECT job_key, 1 AS take, 1 AS attempt, 'ok' AS status, '' AS reason, 0.1 AS duration_s,
       1 AS batch_size, false AS padded, NULL AS peak_memory_bytes, NULL AS cost, 'cpu' AS device,
       {_BY}
FROM members;
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


def build(root: Path) -> Store:
    """The store, published, in the order in which a run scores: metric by metric."""
    store = Store.create(root)
    with store.writing():
        Journal(store, RUN).write(list(_few()))
        with Ingester(store) as ingester:
            ingester.ingest()
        ledger = connect_ledger(store.ledger)
        ledger.execute(_MANY)
        for number in range(METRICS):
            ledger.execute(_SCORES_OF_ONE_METRIC, {"metric": metric(number)})
        ledger.execute("CHECKPOINT")
        ledger.close()
        publish_copy(store)
    return store


def metric(number: int) -> str:
    """The name of one of the metrics."""
    return f"metric_{number:02}[fake]"


def _sha(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _few() -> Iterator[Row]:
    names = [metric(number) for number in range(METRICS)]
    suite = _sha(SUITE)
    yield SuiteRow(
        run=RUN,
        made_at=MADE_AT,
        digest=suite,
        suite=SUITE,
        version=1,
        title="",
        protocol="recommended",
        modality="image",
        reference=None,
        specification=JsonText(json.dumps({"name": SUITE, "metrics": names})),
    )
    for place in range(PROMPTS):
        name = f"p{place}"
        yield PromptRow(
            run=RUN,
            made_at=MADE_AT,
            suite=suite,
            prompt_id=name,
            position=place,
            digest=_sha("prompt", place),
            subject=_sha("text", place),
            text=f"thing number {place}",
            target=None,
            checks=JsonText("{}"),
        )
        yield TagRow(
            run=RUN, made_at=MADE_AT, suite=suite, prompt_id=name, tag="style", value=f"{place % 4}"
        )
    for number in range(MODELS):
        yield ModelRow(
            run=RUN,
            made_at=MADE_AT,
            variant=_sha("variant", number),
            model=f"model-{number:02}",
            title="",
            digest=_sha("model", number),
            backend="fake",
            source="",
            revision=_sha("weights", number),
            modality="image",
            licence="MIT",
            price_per_1000=None,
            settings=JsonText("{}"),
            specification=JsonText("{}"),
        )
    for name in names:
        yield MetricRow(
            run=RUN,
            made_at=MADE_AT,
            metric=name,
            version=1,
            title=name,
            unit="",
            direction="higher",
            level="output",
            recipe=_sha("recipe", name),
        )
