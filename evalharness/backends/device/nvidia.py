"""Whether there is a GPU, found without importing torch."""

from __future__ import annotations

import ctypes
import os


def has_nvidia_gpu() -> bool:
    """Ask the driver's own library: importing torch for this would cost seconds."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"):
        return False
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    count = ctypes.c_uint(0)
    if nvml.nvmlInit_v2() != 0:
        return False
    asked = nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
    nvml.nvmlShutdown()
    return bool(asked == 0 and count.value > 0)
