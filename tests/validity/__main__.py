"""`python -m tests.validity [SECTION…]`: measure, remember, write `reports/validity.md`."""

from __future__ import annotations

import sys
from importlib import import_module

from evalharness.core.errors import unknown_name
from tests.validity.page import keep, write_page

SECTIONS = ("metrics", "text", "intervals", "pooled", "ranks", "choose", "gate")
"""The modules of the page's sections, in its order."""


def main(names: list[str]) -> None:
    """Measure the named sections (all of them if none; `page` measures nothing)."""
    for name in names:
        if name not in (*SECTIONS, "page"):
            raise unknown_name("section", name, (*SECTIONS, "page"))
    for name in names or SECTIONS:
        if name != "page":
            print(f"{name} …", flush=True)
            keep(name, import_module(f"tests.validity.{name}").measure())
    print(f"Written to {write_page(SECTIONS)}")


main(sys.argv[1:])
