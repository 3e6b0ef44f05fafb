"""`code`: the half that has programs run, each in a sandbox of its own, several at once."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import Exchange, FeatureValue, Seeable
from evalharness.extractors.code.finding import find_sandbox
from evalharness.extractors.subjects import UnreadableSubjectError, exchanges

READER = "code"


class CodeExtractor:
    """`scalar` is 1 where the program in an answer passes its tests, else 0.

    What is asked of an answer is JSON: `{"tests", "entry_point", "prefix"}`, all texts. `detail` is
    `{"status", "message", "seconds", "stdout", "stderr"}` as `limits.Ran` has them.
    """

    def __init__(self, _instrument: Instrument, _resolution: Resolution) -> None: ...

    def __enter__(self) -> Self:
        self._sandbox = find_sandbox()
        self._pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "sandbox")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One value per answer; raises UnreadableSubjectError, HarnessError if a sandbox fails."""
        return list(self._pool.map(self._look, exchanges(subjects, READER)))

    def _look(self, exchange: Exchange) -> FeatureValue:
        tests, entry_point, prefix = _asked(exchange.asked)
        ran = self._sandbox.run(exchange.answer, tests, entry_point, prefix=prefix)
        return FeatureValue(
            scalar=float(ran.status == "passed"),
            detail={
                "status": ran.status,
                "message": ran.message,
                "seconds": round(ran.seconds, 3),
                "stdout": ran.stdout,
                "stderr": ran.stderr,
            },
        )


def _asked(text: str) -> tuple[str, str, str]:
    try:
        found = json.loads(text)
        tests, entry_point, prefix = (found[name] for name in ("tests", "entry_point", "prefix"))
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableSubjectError(
            f"{READER} is asked with JSON of tests, entry_point and prefix; found {text[:200]!a}."
        ) from error
    return str(tests), str(entry_point), str(prefix)
