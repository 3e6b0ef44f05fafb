"""Takes made up from columns, for tests that need no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evalharness.board.gate.gating import gate
from evalharness.board.gate.verdict import Gate, Judgement
from evalharness.core.baseline import (
    AskedPrompt,
    Baseline,
    BaselineMetric,
    MeasuredBy,
    ModelTake,
    SetTake,
)

CLIP, SHARE, KID, LATENCY = "clip_score[tiny]", "refusal.rate", "kid[tiny]", "latency"
METRICS = (
    BaselineMetric(CLIP, 1, "CLIP score", "", "higher", "output", "aa"),
    BaselineMetric(SHARE, 1, "Refusals", "share", "lower", "output", "bb"),
    BaselineMetric(KID, 1, "KID", "", "lower", "set", "cc"),
    BaselineMetric(LATENCY, 1, "Latency", "s", "lower", "output", "dd"),
)
MEASURED_BY = MeasuredBy(
    {metric.metric: metric.recipe for metric in METRICS},
    {"tiny": {"extractor": "open_clip", "weights": "sha256:" + "a" * 64, "version": 1}},
    "ee",
)


def as_column(values: Sequence[float] | np.ndarray) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in np.asarray(values))


def model_take(
    clip: Sequence[float] | np.ndarray,
    *,
    model: str = "mine",
    outputs: str = "",
    answered: Sequence[float] | None = None,
    kid: Sequence[float] | np.ndarray | None = None,
    n: int = 128,
    refused: Sequence[float] = (),
) -> ModelTake:
    """Outputs are named after `outputs` and their prompt: other names are other bytes."""
    prompts = len(clip)
    sets: Mapping[str, SetTake] = {}
    if kid is not None:
        sets = {KID: SetTake(float(np.mean(kid)), n, as_column(kid))}
    return ModelTake(
        model=model,
        title=model.title(),
        variant="ab" * 32,
        digest="cd" * 32,
        revision="sha256:" + "1" * 64,
        specification={"name": model, "backend": "painter", "options": {"blur": 0.0}},
        settings={"steps": 15},
        environment={"versions": {"torch": "2.11"}},
        runs=("run-1",),
        statuses={"ok": prompts},
        outputs=tuple((f"{outputs}{place:016x}"[:16],) for place in range(prompts)),
        answered=as_column(answered if answered is not None else np.ones(prompts)),
        scores={CLIP: as_column(clip)} | ({SHARE: as_column(refused)} if len(refused) else {}),
        sets=sets,
    )


def baseline(*takes: ModelTake, **changed: Any) -> Baseline:
    prompts = len(takes[0].answered)
    made = Baseline(
        suite="tiny",
        version=1,
        suite_digest="f0" * 32,
        prompts=tuple(AskedPrompt(f"p{place}", f"{place:02x}") for place in range(prompts)),
        seeds=(0,),
        measured_by=MEASURED_BY,
        metrics=METRICS,
        models=takes,
    )
    return replace(made, **changed)


def judged(old: Baseline, new: Baseline, **more: object) -> Gate:
    return gate(old, new, against="base.json", run="run-2", **more)  # type: ignore[arg-type]


def by_metric(found: Gate) -> dict[str, Judgement]:
    return {one.metric: one for one in found.judgements}
