"""`served_judge`: the half that calls the server. Imported only in the extractor's child."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from evalharness.core.errors import BadInputError, LookingEndedError
from evalharness.core.judging import Asked
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import TERMINAL, Exchange, FeatureValue, Seeable, Status
from evalharness.extractors.judge import room_for_words
from evalharness.extractors.judge_words import judged, question_to_judge
from evalharness.extractors.served_judge import body_of, reach_of
from evalharness.extractors.subjects import exchanges
from evalharness.servers.asking import Asking
from evalharness.servers.crew import Crew
from evalharness.servers.knock import connected
from evalharness.servers.pace import Pace
from evalharness.servers.patience import Patience
from evalharness.servers.replies import Verdict, read_reply

READER = "served_judge"
PATH = "/chat/completions"


class ServedJudge:
    """Grades and verdicts by a model on a server, several at once, each asked once.

    A refusal, and words without a verdict, are kept as they are, without a scalar; a question that
    got no reply in the end is told with the reason, and asked again by the next run. `detail` is
    `{"served": what the server says it is, "tokens": [asked, answered]}`, as far as it tells.
    """

    def __init__(
        self, instrument: Instrument, _resolution: Resolution, patience: Patience | None = None
    ) -> None:
        self._instrument = instrument
        self._patience = patience or Patience()
        self._over: LookingEndedError | None = None
        self._line = ExitStack()

    def __enter__(self) -> Self:
        """Look up the key and knock; raises BadInputError where nobody is there."""
        self._reach = reach_of(self._instrument)
        line = connected(self._reach, self._patience)
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

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One judgement an exchange.

        Raises LookingEndedError for what no other question will overcome (the wrong key, an
        unknown model, a server that is gone); judgements that came before that are given first.
        """
        asked = exchanges(subjects, READER)
        if self._over is not None:
            raise self._over
        pace = Pace(self._reach.concurrency)
        asking = Asking(self._caller, self._reach, self._secret, self._patience, pace)

        def judge(numbered: tuple[int, Exchange]) -> tuple[int, FeatureValue] | None:
            place, exchange = numbered
            try:
                ended = asking.ask(PATH, self._body(exchange), read_reply)
                return None if ended is None else (place, self._value(exchange, ended.verdict))
            except BadInputError:
                raise
            except Exception as error:  # of this exchange alone: the others are paid for
                return place, FeatureValue(reason=f"{type(error).__name__}: {error}")

        found: dict[int, FeatureValue] = {}
        crew = Crew(list(enumerate(asked)), judge, pace.close, self._reach.concurrency)
        try:
            for place, value in crew.answers():
                found[place] = value
        except BadInputError as error:
            self._over = LookingEndedError(str(error))
            if not found:
                raise self._over from None
        missing = FeatureValue(reason=str(self._over or "it was not asked"))
        return [found.get(place, missing) for place in range(len(asked))]

    def _body(self, exchange: Exchange) -> bytes:
        question = question_to_judge(exchange.answer, Asked.read(exchange.asked))
        fields: dict[str, Json] = {
            "model": self._reach.address.model,
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
            "seed": 0,
            "stream": False,
            self._reach.room_field: room_for_words(self._instrument),
            **body_of(self._instrument),
        }
        sent = {name: value for name, value in fields.items() if value is not None}
        return json.dumps(sent, allow_nan=False).encode("ascii")  # so that any text can be sent

    def _value(self, exchange: Exchange, verdict: Verdict) -> FeatureValue:
        reason = self._secret.hide(verdict.reason)
        if verdict.status not in TERMINAL:
            return FeatureValue(reason=f"{verdict.status}: {reason}")
        detail: dict[str, Json] = {}
        if verdict.served:
            detail["served"] = self._secret.hide(verdict.served)
        if verdict.tokens is not None:
            detail["tokens"] = list(verdict.tokens)
        if verdict.status is not Status.OK:
            told = f"the judge's server answered with {verdict.status}: {reason}"
            return FeatureValue(text="", detail=detail, reason=told)
        said = self._secret.hide_in_answer(str(verdict.said or ""))
        scalar = judged(exchange, said)
        notes = "; ".join(verdict.notes) or "its words hold no verdict"
        return FeatureValue(
            scalar=scalar, text=said, detail=detail, reason="" if scalar is not None else notes
        )
