"""The bounded store beside the GPU: answers are encoded, hashed and written while more are made."""

from __future__ import annotations

import json
import math
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from evalharness.core.outcomes import Answer, Likelihoods, Media, Picture, Status, Text
from evalharness.ledger.artifacts import (
    ArtifactFacts,
    store_likelihoods,
    store_picture,
    store_text,
)
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import AttemptRow, JsonText, OutputArtifactRow, Row
from evalharness.ledger.store import Store
from evalharness.runner import clock
from evalharness.runner.events import Send, Stored
from evalharness.runner.plan import Place

QUICK_S = 0.5
QUICK_PENDING = 15
"""Answers made in under QUICK_S wait in groups of up to this many, so that fsyncs do not dominate,
and so do those that come one by one within it (many calls under way); slower ones never more than
their own batch. What waits, and the one being handed over, is what a kill loses."""

ENCODERS = 2


class AnswerStore:
    """Stores answers on a thread of its own; `add` blocks while a whole batch is waiting.

    One journal part holds whatever was waiting, so parts follow the backend's own batches.
    An answer is announced (`Stored`) only once it is durable.
    """

    def __init__(self, store: Store, run: str, places: Mapping[str, Place], send: Send) -> None:
        self._store = store
        self._run = run
        self._places = places
        self._send = send
        self._journal = Journal(store, run)
        self._waiting: queue.Queue[Answer | None] = queue.Queue()
        self._pending = 0
        self._last = -math.inf
        self._changed = threading.Condition()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.put(None)
        self._thread.join()
        if error is None:
            self._raise_failure()

    def add(self, answer: Answer) -> None:
        """Hand over one answer; raises what the storing thread met (StoreError: disk full)."""
        now = time.monotonic()
        came_s, self._last = now - self._last, now
        quick = min(answer.duration_s, came_s if answer.batch_size == 1 else math.inf) < QUICK_S
        bound = max(answer.batch_size, QUICK_PENDING if quick else 1)
        with self._changed:
            self._changed.wait_for(lambda: self._pending < bound or self._failure is not None)
            self._pending += 1
        self._raise_failure()
        self._waiting.put(answer)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        with ThreadPoolExecutor(ENCODERS) as encoders:
            while batch := self._next_batch():
                try:
                    self._write(batch, encoders)
                except BaseException as failure:
                    with self._changed:
                        self._failure = failure
                        self._changed.notify_all()
                    return
                with self._changed:
                    self._pending -= len(batch)
                    self._changed.notify_all()

    def _next_batch(self) -> list[Answer]:
        """Everything waiting now, at least one answer; empty at the end."""
        first = self._waiting.get()
        if first is None:
            return []
        batch = [first]
        while not self._waiting.empty():
            answer = self._waiting.get()
            if answer is None:
                self._waiting.put(None)
                break
            batch.append(answer)
        return batch

    def _write(self, batch: Sequence[Answer], encoders: ThreadPoolExecutor) -> None:
        now = clock.now()
        rows: list[Row] = []
        stored = list(encoders.map(self._store_media, batch))
        for answer, facts in stored:
            for position, fact in enumerate(facts):
                rows.append(fact.row(self._run, now))
                rows.append(self._output_artifact(answer, position, fact.sha256, now))
            rows.append(self._attempt(answer, now))
        self._journal.write(rows)
        answers = [answer for answer, _ in stored]
        self._send(Stored(tuple(a.job_key for a in answers), tuple(a.status for a in answers)))

    def _store_media(self, answer: Answer) -> tuple[Answer, list[ArtifactFacts]]:
        """The answer with what was stored of it; media that are no media make it `failed`."""
        try:
            return answer, [self._store_one(media) for media in answer.media]
        except ValueError as error:
            reason = f"the answer cannot be stored: {error}"
            return replace(answer, status=Status.FAILED, media=(), reason=reason), []

    def _store_one(self, media: Media) -> ArtifactFacts:
        match media:
            case Picture():
                return store_picture(self._store, media.pixels)
            case Text():
                return store_text(self._store, media.text)
            case Likelihoods():
                return store_likelihoods(self._store, media)

    def _output_artifact(
        self, answer: Answer, position: int, sha256: str, now: datetime
    ) -> OutputArtifactRow:
        place = self._places[answer.job_key]
        return OutputArtifactRow(
            run=self._run,
            made_at=now,
            job_key=answer.job_key,
            take=place.take,
            attempt=place.attempt,
            position=position,
            sha256=sha256,
        )

    def _attempt(self, answer: Answer, now: datetime) -> AttemptRow:
        return attempt_row(self._run, now, self._places[answer.job_key], answer)


def attempt_row(run: str, now: datetime, place: Place, answer: Answer) -> AttemptRow:
    """The row of one attempt."""
    return AttemptRow(
        run=run,
        made_at=now,
        job_key=answer.job_key,
        take=place.take,
        attempt=place.attempt,
        status=str(answer.status),
        reason=answer.reason,
        duration_s=answer.duration_s,
        batch_size=answer.batch_size,
        padded=answer.padded,
        peak_memory_bytes=answer.peak_memory_bytes,
        cost=answer.cost,
        energy_j=answer.energy_j,
        device=answer.device,
        notes=JsonText(json.dumps(list(answer.notes))),
    )
