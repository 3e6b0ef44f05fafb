"""``scribe``: the half that writes. It needs no network."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from types import TracebackType
from typing import Self

from evalharness.backends.scribe.likelihoods import likelihoods
from evalharness.backends.scribe.mistakes import broken_form, sentences_beside, wrong_answer
from evalharness.backends.scribe.programme import Programme
from evalharness.backends.scribe.truth import (
    KNOWN,
    Form,
    form_of,
    instructions_of,
    read_answers,
    right_answer,
)
from evalharness.backends.scribe.words import DECLINED, LED_IN, language
from evalharness.core.likelihoods import compared
from evalharness.core.nouns import Job, Model, Resolution
from evalharness.core.outcomes import Answer, Media, Status, Text


class Scribe:
    """A model that writes; see :mod:`evalharness.backends.scribe.programme`."""

    def __init__(self, model: Model, resolution: Resolution) -> None:
        self._programme = Programme.read(model)

    def __enter__(self) -> Self:
        """Read the tables of answers."""
        own = self._programme.answers
        self._table = {**read_answers(KNOWN), **(read_answers(own) if own else {})}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is held."""

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer in order, one by one."""
        for job in jobs:
            began = time.perf_counter()
            status, media, reason = self._answer(job)
            time.sleep(self._programme.latency_s)
            yield Answer(
                job_key=job.key,
                status=status,
                media=media,
                reason=reason,
                duration_s=time.perf_counter() - began,
            )

    def _answer(self, job: Job) -> tuple[Status, tuple[Media, ...], str]:
        programme = self._programme
        if programme.happens("refuse", programme.refuse, job):
            return Status.REFUSED, (), "programmed refused"
        if job.prompt.continuations or (programme.classifies and compared(job.prompt)):
            return Status.OK, (likelihoods(programme, job),), ""
        right = right_answer(job.prompt, self._table)
        if right is None:
            return Status.FAILED, (), "nothing says what is right: no target, and no known answer"
        return Status.OK, (Text(self._written(job, right)),), ""

    def _written(self, job: Job, right: str) -> str:
        """The answer's words after all faults: declined, or right or wrong, formed and framed."""
        programme, prompt, form = self._programme, job.prompt, form_of(job.prompt)
        if programme.happens("decline", programme.decline, job):
            return DECLINED[language(str(prompt.checks.get("language", "en")))]
        answer = right
        if not programme.right(programme.accuracy, job):
            known = self._table[prompt.text].wrong if prompt.text in self._table else None
            draws = programme.draws("wrong", job)
            answer = wrong_answer(form, prompt, right, draws) if known is None else known
        broken = programme.happens("format_error", programme.format_error, job)
        if broken:
            answer = broken_form(form, prompt, answer, programme.draws("form", job))
        if instructions_of(prompt):
            return answer
        if not programme.verbosity:
            return framed(answer, form, (), "", fenced=not broken)
        usable = sentences_beside(prompt, answer, programme.draws("words", job))
        beside = list(islice(cycle(usable), programme.verbosity))
        led_in = not broken and form not in ("code", "json")
        return framed(answer, form, beside, self._led_in(job) if led_in else "", fenced=not broken)

    def _led_in(self, job: Job) -> str:
        return LED_IN[language(str(job.prompt.checks.get("language", "en")))]


def framed(answer: str, form: Form, sentences: Sequence[str], led_in: str, *, fenced: bool) -> str:
    """An answer with half of the sentences before it and half after it, each a paragraph.

    Programs stand in a fence, JSON only where words are around it; with a broken form none does.
    """
    if fenced and (form == "code" or (form == "json" and sentences)):
        language = "python" if form == "code" else "json"
        answer = f"```{language}\n{answer.strip()}\n```"
    before, after = sentences[: len(sentences) // 2], sentences[len(sentences) // 2 :]
    said = f"{led_in} {answer}".strip() if led_in else answer
    return "\n\n".join(filter(None, (" ".join(before), said, " ".join(after))))
