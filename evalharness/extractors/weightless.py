"""What an extractor is that has nothing to load: no network, no weights."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from evalharness.core.nouns import Instrument, Resolution


class Weightless:
    """The `with` block of an extractor that is code alone."""

    def __init__(self, _instrument: Instrument, _resolution: Resolution) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
