from __future__ import annotations

from pathlib import Path

import pytest

from evalharness.catalog.briefs import load_brief, read_pairs
from evalharness.core.brief import Limits, Weights
from evalharness.core.errors import BadInputError


def write(folder: Path, text: str) -> Path:
    path = folder / "brief.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_and_flags_make_the_same_brief(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "words: a soft watercolour\nreferences: [/pictures]\n"
        "limits: {latency_p95_s: 2, licence: commercial, offline: true}\nweights: {style: 2}\n",
    )
    flags = {
        "words": "a soft watercolour",
        "references": ["/pictures"],
        "limits": read_pairs(
            "--limit", ["latency=2", "licence=commercial", "offline"], {"latency": "latency_p95_s"}
        ),
        "weights": read_pairs("--weight", ["style=2"], {}),
    }
    brief = load_brief(file)
    assert brief == load_brief(None, flags)
    assert brief.limits == Limits(latency_p95_s=2.0, licence="commercial", offline=True)
    assert brief.weights == Weights(style=2.0)


def test_flags_win_over_the_file_name_by_name(tmp_path: Path) -> None:
    file = write(tmp_path, "words: noir\nlimits: {latency_p95_s: 2, peak_memory_gib: 8}\n")
    brief = load_brief(file, {"limits": {"latency_p95_s": 1}})
    assert (brief.words, brief.limits) == ("noir", Limits(latency_p95_s=1.0, peak_memory_gib=8.0))


def test_paths_of_a_file_start_from_its_folder(tmp_path: Path) -> None:
    file = write(tmp_path, "references: [./refs, 'tinyworld:8']\nprompts: mine.txt\n")
    brief = load_brief(file)
    assert brief.references == (str(tmp_path / "refs"), "tinyworld:8")
    assert brief.prompts == str(tmp_path / "mine.txt")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wrods: noir", "field wrods: found 'noir'; expected no such field"),
        ("limits: {latency_p95_s: fast}", "field limits.latency_p95_s"),
        ("limits: {latency_p95_s: -1}", "field limits.latency_p95_s"),
        ("limits: {licence: free}", "field limits.licence"),
        ("weights: {style: -2}", "field weights.style"),
        ("weights: {colour: 2}", "field weights.colour"),
        ("references: ./one", "field references"),
    ],
)
def test_mistakes_are_told_with_file_and_field(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInputError, match=r"brief\.yaml") as caught:
        load_brief(write(tmp_path, text))
    assert told in str(caught.value)


def test_a_limit_needs_a_value() -> None:
    with pytest.raises(BadInputError, match="expected NAME=VALUE"):
        read_pairs("--limit", ["latency="], {})
    with pytest.raises(BadInputError, match="limits"):
        load_brief(None, {"limits": read_pairs("--limit", ["latency_p95_s"], {})})
