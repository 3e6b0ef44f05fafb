"""What the generate stage costs beside a bare loop over the same pipeline."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import AutoPipelineForText2Image

from evalharness.catalog.models import load_model
from evalharness.catalog.suites import load_suite
from evalharness.core.keys import suite_digest
from evalharness.ledger.store import Store
from evalharness.runner.asked import Question
from evalharness.runner.events import Event, Loaded
from evalharness.runner.generate import GenerateWork, generate
from evalharness.runner.known import Known
from evalharness.runner.plan import Choices
from tests.benchmarks.report import Figure

BATCH = 32
ROUNDS = 9
PROMPTS = 16


def measure() -> list[Figure]:
    """Interleaved rounds of a bare loop and of our stage; the ratio of their fastest rounds.

    The fastest, because a shared machine only ever adds time; the median is told beside it.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = _work(Path(folder))
        pipeline = AutoPipelineForText2Image.from_pretrained(
            work.resolution.location, use_safetensors=True
        )
        pipeline.set_progress_bar_config(disable=True)
        _bare(pipeline, work, 1)
        pairs = [(_bare(pipeline, work), _ours(work, n)) for n in range(ROUNDS)]
    ratios = [ours / bare for bare, ours in pairs]
    ratio = min(ours for _, ours in pairs) / min(bare for bare, _ in pairs)
    median = statistics.median(ratios)
    listed = ", ".join(f"{ours:.1f}/{bare:.1f}" for bare, ours in pairs)
    return [
        Figure(
            what=f"tiny-base, {len(work.jobs)} pictures in batches of {BATCH}: our stage "
            "(encoding, hashing, storing included) ÷ a bare `pipe(batch)` loop",
            asked="≤ 1.10 ×",
            reached=f"{ratio:.3f} ×",
            ok=ratio <= 1.10,
            how=f"one process, {ROUNDS} interleaved rounds after loading, "
            f"fastest ÷ fastest (median ratio {median:.3f}); seconds: {listed}",
        )
    ]


def _work(folder: Path) -> GenerateWork:
    model = replace(load_model("tiny-base"), placement={"batch_size": BATCH})
    store = Store.create(folder / "store")
    suite = load_suite("tinyworld")
    question = Question(suite, folder, (model,), Choices(limit=PROMPTS), suite_digest(suite))
    plan = question.plan(Known(store)).models[0]
    return GenerateWork(store.root, "bench", plan.model, plan.resolution, plan.missing)


def _bare(pipeline: object, work: GenerateWork, batches: int | None = None) -> float:
    jobs = [placed.job for placed in work.jobs]
    if batches is not None:
        jobs = jobs[: batches * BATCH]
    started = time.perf_counter()
    for start in range(0, len(jobs), BATCH):
        batch = jobs[start : start + BATCH]
        settings = batch[0].settings
        pipeline(  # type: ignore[operator]
            [job.text for job in batch],
            num_inference_steps=settings["steps"],
            guidance_scale=settings["guidance"],
            width=settings["width"],
            height=settings["height"],
            generator=[torch.Generator("cpu").manual_seed(job.seed) for job in batch],
        )
    return time.perf_counter() - started


def _ours(work: GenerateWork, number: int) -> float:
    """Seconds from the loaded model to the last durable answer, on a new store."""
    loaded: list[float] = []

    def send(event: Event) -> None:
        if isinstance(event, Loaded):
            loaded.append(time.perf_counter())

    generate(replace(work, store=work.store.with_name(f"store-{number}")), send)
    return time.perf_counter() - loaded[0]
