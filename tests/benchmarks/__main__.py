"""`python -m tests.benchmarks [NAME…]`: measure, remember, write `reports/benchmarks.md`."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.benchmarks.report import remember, write_report

ALL = (
    "demo",
    "networks",
    "overhead",
    "server",
    "endurance",
    "looking",
    "clip",
    "rescoring",
    "references",
    "sandbox",
    "distributions",
    "minimum_n",
    "deciding",
    "text_metrics",
    "writing",
    "app",
    "app_scripts",
)


def main(names: list[str]) -> None:
    """Run the named benchmarks (all of them if none) one after the other."""
    for name in names or ALL:
        print(f"{name} …", flush=True)
        figures = import_module(f"tests.benchmarks.{name}").measure()
        remember(name, figures)
        for figure in figures:
            mark = "✓" if figure.ok else "✗"
            print(f"  {mark} {figure.what}: {figure.reached} (asked {figure.asked})", flush=True)
    print(f"Written to {write_report()}")


main(sys.argv[1:])
