"""One batch tried on the device: what it gave, or why it gave nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from evalharness.backends.device.failures import (
    breaks_device,
    describe,
    is_out_of_memory,
    release_memory,
)
from evalharness.backends.device.meters import Meter

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a batch gave nothing."""

    out_of_memory: bool
    reason: str
    duration_s: float


def attempt(meter: Meter, make: Callable[[], Made]) -> Made | Failure:
    """What `make` gives, the meter started before it (`make` stops it).

    Raises what breaks the device for good; every other exception becomes a Failure.
    """
    meter.start()
    try:
        return make()
    except Exception as error:
        if breaks_device(error):
            raise
        failure = Failure(is_out_of_memory(error), describe(error), meter.stop().seconds)
    if failure.out_of_memory:  # here no exception holds tensors any more
        release_memory()
    return failure
