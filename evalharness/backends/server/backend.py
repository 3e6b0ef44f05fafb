"""The backend itself: each job a call, several under way at once, answers as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from evalharness.backends.server.bodies import body_of, check_settings
from evalharness.backends.server.choices import Choices
from evalharness.backends.server.entry import UNPINNED
from evalharness.backends.server.likelihoods import ask_likelihoods
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job, Model, Resolution
from evalharness.core.outcomes import Answer, Likelihoods, Media, Status, Text
from evalharness.servers.asking import Asked, Asking
from evalharness.servers.calls import Caller, NoReplyError
from evalharness.servers.crew import Crew
from evalharness.servers.faults import NoModelError
from evalharness.servers.knock import KNOCK_S, connected
from evalharness.servers.pace import Pace
from evalharness.servers.patience import Patience
from evalharness.servers.replies import Verdict, failed, parse, read_reply

PATHS = {"chat": "/chat/completions", "completions": "/completions"}
SHOWN_MODELS = 12


def open_backend(model: Model, resolution: Resolution) -> ServerBackend:
    """The backend for a resolved model; nothing is sent before its `with` block."""
    return ServerBackend(model, resolution)


class ServerBackend:
    """One server's connections, between `__enter__` and `__exit__`."""

    def __init__(
        self, model: Model, resolution: Resolution, patience: Patience | None = None
    ) -> None:
        self._resolution = resolution
        self._choices = Choices.read(model)
        self._patience = patience or Patience()
        self._line = ExitStack()
        self._caller: Caller | None = None

    def __enter__(self) -> Self:
        """Look up the key and knock; raises BadInputError when nobody is there."""
        line = connected(self._choices.reach, self._patience)
        self._secret, self._caller = self._line.enter_context(line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._line.close()
        self._caller = None

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer all jobs, up to `concurrency` at a time, each as its call ends.

        Raises BadInputError for settings that cannot be sent and for what no job can overcome:
        the wrong key, an unknown model, a server that is gone.
        """
        caller = self._caller
        if caller is None:
            raise BadInputError("The backend is not open: use it in a `with` block.")
        check_settings(jobs)
        pace = Pace(self._choices.concurrency)
        asking = Asking(caller, self._choices.reach, self._secret, self._patience, pace)

        def answer(job: Job) -> Answer | None:
            try:
                asked = self._ask(asking, job)
            except NoModelError as error:
                raise BadInputError(f"{error}{self._known_models(caller)}") from None
            return None if asked is None else self._answer(job, asked)

        yield from Crew(jobs, answer, pace.close, self._choices.concurrency).answers()

    def _ask(self, asking: Asking, job: Job) -> Asked | None:
        if job.prompt.continuations:
            return ask_likelihoods(asking, self._choices, job)
        try:
            body = body_of(job, self._choices)
        except BadInputError as error:  # a picture that is gone
            return Asked(failed(str(error)), 0.0)
        return asking.ask(PATHS[self._choices.api], body, read_reply)

    def _known_models(self, caller: Caller) -> str:
        """` It has: …`, as far as the server tells."""
        names: list[str] = []
        with suppress(NoReplyError, ValueError, KeyError, TypeError, AttributeError):
            reply = caller.get("/models", KNOCK_S)
            listed = parse(reply.body, self._secret.hide)[0]["data"]
            names = sorted(self._secret.hide(str(entry["id"]))[:100] for entry in listed)
        if not names:
            return ""
        more = f" and {len(names) - SHOWN_MODELS} more" if len(names) > SHOWN_MODELS else ""
        return f" It has: {', '.join(names[:SHOWN_MODELS])}{more}."

    def _answer(self, job: Job, asked: Asked) -> Answer:
        verdict = asked.verdict
        return Answer(
            job_key=job.key,
            status=verdict.status,
            media=self._media(verdict),
            reason=self._secret.hide(verdict.reason),
            duration_s=asked.duration_s,
            cost=self._cost(verdict),
            device=self._choices.address.host,
            notes=tuple(map(self._secret.hide, self._notes(job, verdict))),
        )

    def _media(self, verdict: Verdict) -> tuple[Media, ...]:
        if verdict.status is not Status.OK:
            return ()
        if isinstance(verdict.said, Likelihoods):
            return (verdict.said,)
        return (Text(self._secret.hide_in_answer(str(verdict.said or ""))),)

    def _cost(self, verdict: Verdict) -> float | None:
        """US dollars, where prices are given and the server counted tokens."""
        prices = self._choices.price_input, self._choices.price_output
        if verdict.tokens is None or prices == (None, None):
            return None
        return sum(
            count * (price or 0.0) for count, price in zip(verdict.tokens, prices, strict=True)
        )

    def _notes(self, job: Job, verdict: Verdict) -> Iterator[str]:
        yield from verdict.notes
        if verdict.tokens is not None:
            yield f"{verdict.tokens[0]} tokens asked, {verdict.tokens[1]} answered"
        if verdict.served:
            unpinned = self._resolution.revision.startswith(UNPINNED)
            yield f"{'unpinned; ' if unpinned else ''}the server says it is {verdict.served}"
        if job.negative:
            yield "servers take no negative prompt; it was not used"
