"""The generate stage in a child: load a model, answer its missing jobs, store every answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from evalharness.catalog import registry
from evalharness.core.nouns import Model, Resolution
from evalharness.ledger.store import Store
from evalharness.runner.events import Answered, Loaded, Send
from evalharness.runner.plan import PlacedJob
from evalharness.runner.storing import AnswerStore


@dataclass(frozen=True, slots=True)
class GenerateWork:
    """Everything a child needs to answer a model's missing jobs."""

    store: Path
    run: str
    model: Model
    resolution: Resolution
    jobs: tuple[PlacedJob, ...]


def generate(work: GenerateWork, send: Send) -> None:
    """Answer every job; raises what makes the whole model unusable, and StoreError."""
    entry = registry.backend(work.model.backend)
    open_backend = registry.load(entry.implementation)
    places = {placed.job.key: placed.place for placed in work.jobs}
    store = Store.create(work.store)
    started = time.monotonic()
    with open_backend(work.model, work.resolution) as backend:
        send(Loaded(time.monotonic() - started))
        with AnswerStore(store, work.run, places, send) as answers:
            for answer in backend.generate([placed.job for placed in work.jobs]):
                print(f"answered {answer.job_key} {answer.status}", answer.reason, flush=True)
                send(Answered(answer.job_key))
                answers.add(answer)
