"""Many pictures of a few painters, from which takes are drawn that differ by chance alone."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from evalharness.api import run
from evalharness.board.selection import select
from evalharness.board.set_features import keys_of, seen_pictures, seen_reference
from evalharness.board.suites import find_suite
from evalharness.catalog.metrics import parse_metric
from evalharness.core.baseline import (
    AskedPrompt,
    Baseline,
    BaselineMetric,
    Column,
    MeasuredBy,
    ModelTake,
    SetTake,
)
from evalharness.core.errors import HarnessError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.metrics.influence import INFLUENCES
from tests.validity.gate_sabotage import ROOT

CLIP, KID = "clip_score[tiny-clip]", "kid[tiny-clip]"
STEERED, SHARP = "steerability[tiny-clip]", "technical.sharpness[pixels]"
SEEDS = 24
_USUAL: dict[str, float | str] = {
    "object_error": 0.1,
    "colour_error": 0.1,
    "follow": 0.9,
    "noise": 0.02,
}
PAINTERS: dict[str, dict[str, float | str]] = {
    "usual": _USUAL,
    "refusing": {**_USUAL, "refuse": 0.05},
    "mistaken": {**_USUAL, "object_error": 0.4},
    "blurred": {**_USUAL, "blur": 0.5},
    "narrow": {**_USUAL, "look": "photograph"},
    "wilful": {**_USUAL, "follow": 0.6},
}
"""`usual` is the baseline; the others are worse at something, or refuse."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Of one painter, S pictures for each of P prompts: `scores` by metric (P, S) with NaN where
    there is none, `vectors` (P, S, d) as tiny-clip sees them, `ok` (P, S).
    """

    name: str
    scores: dict[str, NDArray[np.float64]]
    vectors: NDArray[np.float32]
    ok: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference set as tiny-clip sees it; what `InfluenceMetric.column` reads."""

    seen: NDArray[np.float32]

    def vectors(self) -> NDArray[np.float32]:
        """(n, d)."""
        return self.seen


@dataclass(frozen=True, slots=True)
class Pools:
    """All pools, with what a take says of its suite and metrics."""

    by_name: dict[str, Pool]
    reference: Reference
    prompts: tuple[AskedPrompt, ...]
    metrics: tuple[BaselineMetric, ...]

    def take(self, name: str, rows: NDArray[np.int64], seeds: NDArray[np.int64]) -> Baseline:
        """A take of the prompts `rows` (p,), each with its own seeds (p, s) of the pool."""
        pool = self.by_name[name]
        ok = np.take_along_axis(pool.ok[rows], seeds, 1)
        scores: dict[str, Column] = {}
        for metric, values in pool.scores.items():
            drawn = np.take_along_axis(values[rows], seeds, 1)
            found = np.isfinite(drawn)
            counts = found.sum(1)
            sums = np.where(found, drawn, 0.0).sum(1)
            scores[metric] = tuple(
                float(total / n) if n else None for total, n in zip(sums, counts, strict=True)
            )
        return Baseline(
            suite="tiny-gate",
            version=1,
            suite_digest="00",
            prompts=tuple(self.prompts[row] for row in rows),
            seeds=tuple(range(seeds.shape[1])),
            measured_by=MeasuredBy({}),
            metrics=self.metrics,
            models=(
                ModelTake(
                    model="painter", title="", variant="00", digest="00", revision="",
                    specification={}, settings={}, environment={}, runs=(), statuses={},
                    outputs=tuple(
                        tuple(f"{name}-{row}-{seed}" for seed in drawn)
                        for row, drawn in zip(rows, seeds, strict=True)
                    ),
                    answered=tuple(float(share) for share in ok.mean(1)),
                    scores=scores,
                    sets={KID: self._kid(pool, rows, seeds, ok)},
                ),
            ),
        )  # fmt: skip

    def _kid(
        self,
        pool: Pool,
        rows: NDArray[np.int64],
        seeds: NDArray[np.int64],
        ok: NDArray[np.bool_],
    ) -> SetTake:
        """As `board.influences` makes a column of a store's pictures."""
        n, kid = int(ok.sum()), INFLUENCES["kid"]
        if n < kid.minimum_n(pool.vectors.shape[-1]):
            return SetTake(None, n, None, "too few pictures")
        which = np.repeat(np.arange(len(rows)), ok.sum(1))
        vectors = np.take_along_axis(pool.vectors[rows], seeds[:, :, None], 1)[ok]
        found = kid.column(vectors, self.reference, which)  # type: ignore[arg-type]
        there = np.flatnonzero(ok.any(1))
        moved = np.bincount(which, found.influence, len(rows)) * (len(there) / n)
        column = tuple(found.value + moved[p] if ok[p].any() else None for p in range(len(rows)))
        return SetTake(found.value, n, column)

    def truth(self, name: str, metric: str) -> float:
        """How much worse a painter is than the usual one, over all pictures of both."""
        sign = (
            -1.0
            if next(m for m in self.metrics if m.metric == metric).direction == "higher"
            else 1.0
        )
        worse, usual = (self._mean(one, metric) for one in (name, "usual"))
        return sign * (worse - usual)

    def _mean(self, name: str, metric: str) -> float:
        pool = self.by_name[name]
        if metric != KID:
            scores = pool.scores[metric]
            return float(np.nanmean(scores[np.isfinite(scores).any(1)], axis=1).mean())
        prompts, seeds = pool.ok.shape
        found = INFLUENCES["kid"].column(
            pool.vectors.reshape(prompts * seeds, -1),
            self.reference,  # type: ignore[arg-type]
            np.repeat(np.arange(prompts), seeds),
        )
        return found.value


def painted(folder: Path) -> Pools:
    """Every painter's pool, made, looked at and scored by the ordinary pipeline."""
    shutil.copy(ROOT / "prompts" / "tiny-gate.jsonl", folder / "prompts.jsonl")
    suite = {
        "name": "pools",
        "prompts": "prompts.jsonl",
        "seeds": SEEDS,
        "metrics": [CLIP, KID, STEERED, SHARP],
        "reference": "tinyworld:256",
    }
    models = [
        {"name": name, "backend": "painter", "options": options}
        for name, options in PAINTERS.items()
    ]
    (folder / "pools.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    (folder / "painters.yaml").write_text(yaml.safe_dump(models), encoding="utf-8")
    store = folder / "store"
    report = run(str(folder / "pools.yaml"), models=[str(folder / "painters.yaml")], store=store)
    if report.problems:
        raise HarnessError(f"the pools are incomplete: {report.problems}")
    return _read(store)


def _read(store: Path) -> Pools:
    connection = connect(Store.open(store))
    entry = find_suite(connection, "pools")
    selection = select(connection, entry.digest)
    keys = keys_of(connection, parse_metric(KID))
    assert keys is not None
    prompts = connection.execute(
        "SELECT prompt_id, digest FROM prompts WHERE suite = $suite ORDER BY position",
        {"suite": entry.digest},
    ).fetchall()
    [(digest,)] = connection.execute("SELECT DISTINCT reference FROM set_scores").fetchall()
    scored = connection.execute(
        selection.scored()
        + "SELECT variant, metric, position, seed, value FROM scored WHERE value IS NOT NULL",
        selection.parameters,
    ).fetchall()
    seen = [seen_pictures(connection, selection, v, keys) for v in range(len(selection.variants))]
    metrics = connection.execute(
        "SELECT metric, version, title, unit, direction, level, recipe FROM metrics"
    ).fetchall()
    reference = Reference(seen_reference(connection, digest, keys).vectors())
    connection.close()
    positions = {name: place for place, (name, _) in enumerate(prompts)}
    pools = {}
    for place, variant in enumerate(selection.variants):
        scores = {m: np.full((len(prompts), SEEDS), math.nan) for m in (CLIP, STEERED, SHARP)}
        for _, metric, position, seed, value in (row for row in scored if row[0] == place):
            scores[metric][position, seed] = value
        pools[variant.model] = _pool(variant.model, scores, seen[place], positions)
    return Pools(
        by_name=pools,
        reference=reference,
        prompts=tuple(AskedPrompt(*row) for row in prompts),
        metrics=tuple(BaselineMetric(*row) for row in metrics),
    )


def _pool(
    name: str, scores: dict[str, NDArray[np.float64]], seen: Any, positions: dict[str, int]
) -> Pool:
    shape = len(positions), SEEDS
    vectors = np.zeros((*shape, seen.vectors.shape[1]), np.float32)
    ok = np.zeros(shape, bool)
    places = np.array([positions[prompt] for prompt, _ in seen.asked])
    seeds = np.array([seed for _, seed in seen.asked])
    vectors[places, seeds], ok[places, seeds] = seen.vectors, True
    return Pool(name, scores, vectors, ok)


def draw(
    rng: np.random.Generator, prompts: int, seeds: int, of: int
) -> tuple[NDArray[np.int64], Sequence[NDArray[np.int64]]]:
    """Prompts (p,) of `of`, and for each of two takes other seeds (p, s)."""
    rows = rng.permutation(of)[:prompts]
    orders = np.argsort(rng.random((prompts, SEEDS)), axis=1)
    return rows, (orders[:, :seeds], orders[:, seeds : 2 * seeds])
