"""The energy a GPU has used, where NVML counts it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

import torch

Joules: TypeAlias = Callable[[], "float | None"]
"""Everything the device used since its driver was loaded, None where that cannot be read."""

_MILLI = 1e-3


def energy_counter(device: torch.device) -> Joules | None:
    """A counter for a CUDA device; None for others, and without NVML's Python module.

    The module is `pynvml` of the package nvidia-ml-py; GPUs before Volta count no energy.
    """
    if device.type != "cuda":
        return None
    try:
        nvml = import_module("pynvml")
    except ImportError:
        return None
    uuid = torch.cuda.get_device_properties(device).uuid
    return nvml_counter(nvml, f"GPU-{uuid}")


def nvml_counter(nvml: Any, uuid: str) -> Joules | None:
    """A counter for the GPU with this UUID (CUDA numbers GPUs differently from NVML)."""
    try:
        nvml.nvmlInit()
        handle = nvml.nvmlDeviceGetHandleByUUID(uuid)
        nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except nvml.NVMLError:
        return None

    def joules() -> float | None:
        try:
            return float(nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) * _MILLI
        except nvml.NVMLError:
            return None

    return joules
