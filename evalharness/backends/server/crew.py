"""Threads that answer jobs side by side, and hand answers over as each is done."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from evalharness.core.nouns import Job
from evalharness.core.outcomes import Answer

_LOOK_UP_S = 0.2


class Crew:
    """So many workers for some jobs; `stop` ends what `answer` is waiting for.

    `answer` gives None for a job that it leaves open, and raises what no other job will overcome:
    then no job is begun any more, what is under way comes to its end, and the error is raised
    after the last answer. At most twice as many answers as workers are alive at a time: one each,
    and as many that wait to be fetched.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        answer: Callable[[Job], Answer | None],
        stop: Callable[[], None],
        workers: int,
    ) -> None:
        self._pending = deque(jobs)
        self._answer = answer
        self._stop = stop
        self._workers = min(workers, len(jobs))
        self._done: queue.Queue[Answer | BaseException | None] = queue.Queue(workers)
        self._left = threading.Event()

    def answers(self) -> Iterator[Answer]:
        """Every answer, in the order of their coming."""
        for number in range(self._workers):
            # daemons: a process that ends must not wait for a server that does not answer
            threading.Thread(target=self._work, name=f"call-{number}", daemon=True).start()
        running, failure = self._workers, None
        try:
            while running:
                item = self._done.get()
                if item is None:
                    running -= 1
                elif isinstance(item, Answer):
                    yield item
                else:
                    failure = failure or item
            if failure is not None:
                raise failure
        finally:
            self._left.set()
            self._pending.clear()
            self._stop()

    def _work(self) -> None:
        while True:
            try:
                job = self._pending.popleft()
            except IndexError:
                break
            try:
                item: Answer | BaseException | None = self._answer(job)
            except BaseException as error:
                item = error
                self._pending.clear()
                self._stop()
            if item is not None:
                self._hand_over(item)
        self._hand_over(None)

    def _hand_over(self, item: Answer | BaseException | None) -> None:
        while not self._left.is_set():
            try:
                return self._done.put(item, timeout=_LOOK_UP_S)
            except queue.Full:
                continue
        return None
