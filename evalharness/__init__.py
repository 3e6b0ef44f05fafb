"""Which generative model should this project use, and how sure are we?

`evalharness.run(...)`, `.leaderboard(...)`, `.votes(...)`, `.judge(...)`, `.compare(...)`,
`.profile(...)`, `.choose(...)` and `.write_report(...)` are imported when first used, so that
`import evalharness` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalharness.api import (
        choose,
        compare,
        judge,
        leaderboard,
        profile,
        run,
        votes,
        write_report,
    )

__all__ = ["choose", "compare", "judge", "leaderboard", "profile", "run", "votes", "write_report"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("evalharness.api"), name)
    raise AttributeError(f"module 'evalharness' has no attribute {name!r}")
