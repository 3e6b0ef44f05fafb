"""What to type to have a gate."""

from __future__ import annotations

import shlex

from evalharness.app import source


def command_for(suite: str) -> str:
    """How a baseline is saved, and how a run is held against it."""
    name = shlex.quote(suite)
    file = shlex.quote(f"{suite}.baseline.json")
    store = shlex.quote(str(source.store_path()))
    return (
        f"evalharness baseline save {name} --store {store}\n"
        f"evalharness gate {name} --baseline {file} --store {store}"
    )
