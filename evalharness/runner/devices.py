"""Which devices children can be given, found without importing torch."""

from __future__ import annotations

import os
from pathlib import Path


def slots(devices: Path = Path("/dev")) -> list[str]:
    """One slot per child that may run at once: `cuda:<index>` per NVIDIA GPU, else `local`.

    An existing CUDA_VISIBLE_DEVICES is respected; an empty one means no GPU.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        chosen = [index.strip() for index in visible.split(",") if index.strip()]
    else:
        # by number, not by name: a container with GPU 3 alone has nvidia3, which CUDA calls 0
        found = [p for p in devices.glob("nvidia[0-9]*") if p.name[6:].isdigit()]
        chosen = [str(index) for index in range(len(found))]
    return [f"cuda:{index}" for index in chosen] or ["local"]
