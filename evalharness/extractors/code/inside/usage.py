"""What the processes in a sandbox use together."""

from __future__ import annotations

import os

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def used() -> tuple[int, float]:
    """Bytes held in memory and seconds computed, by all processes but this one together."""
    spent = os.times()
    held, worked = 0, spent.children_user + spent.children_system
    for name in os.listdir("/proc"):
        if not name.isdigit() or name == "1":
            continue
        try:
            with (
                open(f"/proc/{name}/status", "rb") as status,
                open(f"/proc/{name}/stat", "rb") as s,
            ):
                lines, fields = status.readlines(), s.read().rpartition(b")")[2].split()
        except OSError:
            continue  # it has ended
        for line in lines:
            if line.startswith((b"RssAnon:", b"RssShmem:")):
                held += int(line.split()[1]) * 1024
        worked += sum(map(int, fields[11:15])) / _TICKS_PER_S
    return held, worked
