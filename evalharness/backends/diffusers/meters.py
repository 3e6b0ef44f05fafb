"""Time and peak memory of one batch."""

from __future__ import annotations

import resource
import sys
import time

import torch

UNIT = 1 if sys.platform == "darwin" else 1024
"""`ru_maxrss` counts bytes on macOS and KiB on Linux."""


class Meter:
    """Measures batches on one device.

    Peak memory is the allocator's peak on CUDA (bytes, weights included). Elsewhere it is how far
    the process's peak resident size rose since the meter was made, which is before loading.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
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
        self._began = time.perf_counter()

    def stop(self) -> tuple[float, int]:
        """Seconds since `start`, and the peak memory in bytes."""
        self._wait()
        seconds = time.perf_counter() - self._began
        if self._device.type == "cuda":
            return seconds, int(torch.cuda.max_memory_allocated(self._device))
        return seconds, _peak_resident() - self._before

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        elif self._device.type == "mps":
            torch.mps.synchronize()


def _peak_resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
