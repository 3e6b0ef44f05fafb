from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import torch

from evalharness.backends.device import meters
from evalharness.backends.device.energy import energy_counter, nvml_counter
from evalharness.backends.device.meters import Meter
from evalharness.backends.diffusers import ENTRY
from evalharness.backends.diffusers.pipeline import DiffusersBackend
from evalharness.core.nouns import Job, Model

CPU = torch.device("cpu")


class Nvml:
    """As much of the module pynvml as counts energy: a GPU that uses 2 kJ between readings."""

    class NVMLError(Exception):
        pass

    def __init__(self, *, counts: bool = True, dies_after: int = 10**9) -> None:
        self._counts = counts
        self._left = dies_after
        self._used = 0

    def nvmlInit(self) -> None: ...  # noqa: N802

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # noqa: N802
        if uuid != "GPU-1234":
            raise self.NVMLError("not found")
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        self._left -= 1
        if not self._counts or self._left < 0:
            raise self.NVMLError("not supported")
        self._used += 2_000_000
        return self._used


def test_a_batchs_energy_is_the_rise_of_the_counter() -> None:
    counter = nvml_counter(Nvml(), "GPU-1234")
    assert counter is not None
    meter = Meter(CPU, counter)
    meter.start()
    used = meter.stop()
    assert used.joules == 2000.0
    assert used.seconds >= 0


def test_devices_that_do_not_count_have_no_energy() -> None:
    assert nvml_counter(Nvml(counts=False), "GPU-1234") is None
    assert nvml_counter(Nvml(), "GPU-other") is None
    assert energy_counter(CPU) is None
    meter = Meter(CPU)
    meter.start()
    assert meter.stop().joules is None


def test_a_counter_that_fails_or_runs_backwards_gives_nothing() -> None:
    failing = Meter(CPU, nvml_counter(Nvml(dies_after=2), "GPU-1234"))
    failing.start()
    assert failing.stop().joules is None
    readings = iter((5.0, 3.0))
    backwards = Meter(CPU, lambda: next(readings))
    backwards.start()
    assert backwards.stop().joules is None


def test_every_answer_has_its_share_of_its_batch(
    tiny: Callable[[str], Path],
    model: Callable[..., Model],
    job: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = count(0.0, 90.0)
    monkeypatch.setattr(meters, "energy_counter", lambda device: lambda: next(used))
    settled = ENTRY.settle(model(tiny("sd1"), placement={"batch_size": 3}))
    with DiffusersBackend(settled, ENTRY.resolve(settled)) as backend:
        answers = list(backend.generate([job(seed, "a red cube") for seed in range(4)]))
    assert [answer.energy_j for answer in answers] == [30.0] * 4
