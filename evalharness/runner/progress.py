"""What a person sees of a run: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from evalharness.core.contracts import Resource
from evalharness.core.outcomes import Status

LINE_EVERY_S = 5.0


@dataclass(slots=True)
class Stage:
    """How far one model or instrument has come in one stage."""

    name: str
    total: int
    done: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    def ready(self) -> None:
        """Loading is over: rates count from here."""
        self.started = time.monotonic()

    def add(self, statuses: Iterable[Status]) -> None:
        """Pieces of work ended, with these statuses."""
        self.statuses.update(statuses)
        self.done = self.statuses.total()
        # how many pictures a reference set has shows only while it is looked at
        self.total = max(self.total, self.done)

    def rate(self) -> float:
        """Pieces of work per second since the stage was ready."""
        return self.done / max(time.monotonic() - self.started, 1e-9)

    def trouble(self) -> str:
        """The statuses beside ok, counted."""
        return " ".join(f"{s}={n}" for s, n in sorted(self.statuses.items()) if s != Status.OK)


class Display(Resource, Protocol):
    """Shows stages as they start, go on and end."""

    def say(self, line: str) -> None:
        """A line that stays."""
        ...

    def show(self, stage: Stage) -> None:
        """The stage has moved."""
        ...


class Bars:
    """Live bars, one per stage, on a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("[yellow]{task.fields[trouble]}"),
            console=console,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def say(self, line: str) -> None:
        """A line above the bars."""
        self._progress.console.print(line, markup=False, highlight=False)

    def show(self, stage: Stage) -> None:
        """Move the stage's bar."""
        if stage.name not in self._bars:
            self._bars[stage.name] = self._progress.add_task(
                stage.name, total=stage.total, rate="", trouble=""
            )
        self._progress.update(
            self._bars[stage.name],
            completed=stage.done,
            total=stage.total,
            rate=f"{stage.rate():.1f}/s" if stage.done else "loading",
            trouble=stage.trouble(),
        )


class Lines:
    """Plain lines, every few seconds, where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, tuple[int, float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def say(self, line: str) -> None:
        """One line."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def show(self, stage: Stage) -> None:
        """A line when the stage ends, and now and then before."""
        ended = stage.done >= stage.total
        before, shown_at = self._shown.get(stage.name, (-1, 0.0))
        if stage.done == before or (not ended and time.monotonic() - shown_at < LINE_EVERY_S):
            return
        self._shown[stage.name] = stage.done, time.monotonic()
        left = (stage.total - stage.done) / stage.rate() if stage.done else float("nan")
        eta = "" if ended or math.isnan(left) else f", {left:.0f} s left"
        rate = f", {stage.rate():.1f}/s" if stage.done else ", loading"
        trouble = f" [{stage.trouble()}]" if stage.trouble() else ""
        self.say(f"{stage.name}: {stage.done}/{stage.total}{rate}{eta}{trouble}")


def display(console: Console | None = None) -> Display:
    """Bars on a terminal, lines elsewhere."""
    console = console or Console(stderr=True, file=sys.stderr)
    return Bars(console) if console.is_terminal else Lines(console)
