"""`reports/validity.md` from the figures that its sections left behind.

A section is a module of this package with `measure() -> dict` (what it found, ready for JSON) and
`lines(figures) -> list[str]` (its part of the page in Markdown, from its `##` heading on). Figures
are kept by section, so that one can be measured again without the others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from evalharness.runner.provenance import machine, versions

REPORTS = Path(__file__).resolve().parents[2] / "reports"

_HEAD = """# Validity

Written by `make validity`: what metrics, intervals, ranks and decisions do where the truth is
known. What is expected was written down before anything was measured.
"""


def keep(section: str, figures: Mapping[str, Any]) -> None:
    """Remember a section's figures with the day and the place they were measured."""
    folder = REPORTS / "validity"
    folder.mkdir(parents=True, exist_ok=True)
    content = {"environment": _environment(), "figures": figures}
    text = json.dumps(_finite(content), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / f"{section}.json").write_text(text + "\n", encoding="utf-8")


def write_page(sections: Iterable[str]) -> Path:
    """The page of those sections that have figures, in this order."""
    parts = [_HEAD]
    for section in sections:
        file = REPORTS / "validity" / f"{section}.json"
        if file.exists():
            content = json.loads(file.read_text(encoding="utf-8"))
            parts += import_module(f"tests.validity.{section}").lines(content["figures"])
            parts.append(content["environment"] + "\n")
    written = REPORTS / "validity.md"
    written.write_text("\n".join(parts), encoding="utf-8")
    return written


def _finite(value: object) -> object:
    """JSON knows no NaN and no infinity: null stands for both."""
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _environment() -> str:
    place, used = machine(), versions()
    named = ", ".join(f"{name} {used[name]}" for name in ("torch", "numpy") if name in used)
    return f"Measured {date.today().isoformat()} on {place['cores']} cores; {named}."
