"""Threads that answer questions side by side, and hand answers over as each is done."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Question = TypeVar("Question")
Found = TypeVar("Found")

_LOOK_UP_S = 0.2


@dataclass(frozen=True, slots=True)
class _Failure:
    """What no other question will overcome."""

    error: BaseException


class Crew(Generic[Question, Found]):
    """So many workers for some questions; `stop` ends what `answer` is waiting for.

    `answer` gives None for a question that it leaves open, and raises what no other will overcome:
    then none is begun any more, what is under way comes to its end, and the error is raised
    after the last answer. At most twice as many answers as workers are alive at a time: one each,
    and as many that wait to be fetched.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        answer: Callable[[Question], Found | None],
        stop: Callable[[], None],
        workers: int,
    ) -> None:
        self._pending = deque(questions)
        self._answer = answer
        self._stop = stop
        self._workers = min(workers, len(questions))
        self._done: queue.Queue[Found | _Failure | None] = queue.Queue(workers)
        self._left = threading.Event()

    def answers(self) -> Iterator[Found]:
        """Every answer, in the order of their coming."""
        for number in range(self._workers):
            # daemons: a process that ends must not wait for a server that does not answer
            threading.Thread(target=self._work, name=f"call-{number}", daemon=True).start()
        running = self._workers
        failure: _Failure | None = None
        try:
            while running:
                item = self._done.get()
                if item is None:
                    running -= 1
                elif isinstance(item, _Failure):
                    failure = failure or item
                else:
                    yield item
            if failure is not None:
                raise failure.error
        finally:
            self._left.set()
            self._pending.clear()
            self._stop()

    def _work(self) -> None:
        while True:
            try:
                question = self._pending.popleft()
            except IndexError:
                break
            try:
                item: Found | _Failure | None = self._answer(question)
            except BaseException as error:
                item = _Failure(error)
                self._pending.clear()
                self._stop()
            if item is not None:
                self._hand_over(item)
        self._hand_over(None)

    def _hand_over(self, item: Found | _Failure | None) -> None:
        while not self._left.is_set():
            try:
                return self._done.put(item, timeout=_LOOK_UP_S)
            except queue.Full:
                continue
        return None
