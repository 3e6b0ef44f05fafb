"""Time, peak memory and energy of one batch."""

from __future__ import annotations

import resource
import sys
import time
from typing import NamedTuple

import torch

from evalharness.backends.device.energy import Joules, energy_counter

UNIT = 1 if sys.platform == "darwin" else 1024
"""`ru_maxrss` counts bytes on macOS and KiB on Linux."""


class Reading(NamedTuple):
    """What a batch took: seconds, peak bytes, and joules where the device counts them."""

    seconds: float
    peak_bytes: int
    joules: float | None


class Meter:
    """Measures batches on one device.

    Peak memory is the allocator's peak on CUDA (bytes, weights included). Elsewhere it is how far
    the process's peak resident size rose since the meter was made, which is before loading.
    Energy is the whole GPU's, whoever else uses it.
    """

    def __init__(self, device: torch.device, energy: Joules | None = None) -> None:
        self._device = device
        self._energy = energy or energy_counter(device)
        self._used: float | None = None
        self._before = _peak_resident()
        self._began = 0.0

    @property
    def device_name(self) -> str:
        """What is recorded as the device: the GPU's name, or `cpu`, `mps`."""
        if self._device.type == "cuda":
            return torch.cuda.get_device_name(self._device)
        return self._device.type

    def start(self) -> None:
        """Begin a batch, when earlier work on the device is done."""
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)
        self._wait()
        self._used = self._joules()
        self._began = time.perf_counter()

    def stop(self) -> Reading:
        """What was used since `start`."""
        self._wait()
        seconds = time.perf_counter() - self._began
        before, after = self._used, self._joules()
        joules = None if before is None or after is None or after < before else after - before
        if self._device.type == "cuda":
            return Reading(seconds, int(torch.cuda.max_memory_allocated(self._device)), joules)
        return Reading(seconds, _peak_resident() - self._before, joules)

    def _joules(self) -> float | None:
        return None if self._energy is None else self._energy()

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        elif self._device.type == "mps":
            torch.mps.synchronize()


def _peak_resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
