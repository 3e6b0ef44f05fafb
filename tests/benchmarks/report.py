"""One figure of the report, and the report they make."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from evalharness.runner.provenance import machine, versions

REPORTS = Path(__file__).resolve().parents[2] / "reports"
TITLES = {"gpu": "On a GPU"}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, what was asked for, what was reached, and whether that suffices."""

    what: str
    asked: str
    reached: str
    ok: bool
    how: str = ""


def remember(name: str, figures: Iterable[Figure]) -> None:
    """Keep a benchmark's figures, so that one can be measured again without the others."""
    folder = REPORTS / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "measured": date.today().isoformat(),
        "machine": {k: v for k, v in machine().items() if k != "host"},
        "versions": versions(),
        "figures": [asdict(figure) for figure in figures],
    }
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_report() -> Path:
    """`reports/benchmarks.md` from all remembered figures."""
    lines = ["# Benchmarks", "", "Written by `make bench`; every row is measured, none typed.", ""]
    for path in sorted((REPORTS / "figures").glob("*.json")):
        content = json.loads(path.read_text())
        title = TITLES.get(path.stem, path.stem.replace("_", " ").capitalize())
        lines += [f"## {title}", ""]
        lines += ["| what | asked | reached | | how it was measured |", "|---|---|---|---|---|"]
        for fields in content["figures"]:
            f = Figure(**fields)
            mark = "✓" if f.ok else "✗"
            lines.append(f"| {f.what} | {f.asked} | {f.reached} | {mark} | {f.how} |")
        lines += ["", _environment(content), ""]
    report = REPORTS / "benchmarks.md"
    report.write_text("\n".join(lines))
    return report


def _environment(content: dict[str, dict[str, object]]) -> str:
    place, used = content["machine"], content["versions"]
    memory = int(str(place["memory_bytes"])) / 2**30
    packages = ", ".join(f"{name} {version}" for name, version in used.items() if version)
    gpus = place.get("gpus")
    cards = (
        f"{', '.join(map(str, gpus))} (card, driver), " if isinstance(gpus, list) and gpus else ""
    )
    return (
        f"Measured {content['measured']} on {cards}{place['cores']} cores ({place['processor']}), "
        f"{memory:.0f} GiB, {place['system']}; {packages}."
    )
