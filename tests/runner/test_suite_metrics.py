"""Metrics of single suites, from painters whose truth is known to the board."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evalharness.board.cells import Cell
from evalharness.board.leaderboard import leaderboard
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.run import RunReport
from evalharness.tinyworld.scene import AESTHETICS

Boards = Callable[..., dict[str, Mapping[str, Cell]]]
COLOURS = ("red", "yellow", "green", "blue", "purple", "black")


@pytest.fixture
def cells(
    model: Callable[..., str],
    suite: Callable[..., str],
    go: Callable[..., RunReport],
    store: Path,
) -> Boards:
    """Run painters on prompts and give the board's cells by model and metric."""

    def measured(
        painters: Mapping[str, Mapping[str, Any]],
        prompts: list[dict[str, Any]],
        metrics: list[str],
        seeds: int = 2,
    ) -> dict[str, Mapping[str, Cell]]:
        models = [model(n, backend="painter", options=dict(o)) for n, o in painters.items()]
        go(Asked((suite(prompts=prompts, metrics=metrics, seeds=seeds),), models=tuple(models)))
        connection = connect(Store.open(store))
        board = leaderboard(connection, "pictures")
        connection.close()
        return {row.model: row.cells for row in board.rows}

    return measured


def test_looks_are_steered_by_who_obeys_and_default_to_the_painters_own(cells: Boards) -> None:
    styled = [
        {
            "id": f"{colour}-{style.replace(' ', '-')}",
            "text": f"a {colour} ball, {style}",
            "checks": {"style": style, "styles": "tinyworld"},
        }
        for colour in COLOURS
        for style in AESTHETICS
    ]
    neutral = [
        {"id": f"{c}-{o}", "text": f"a {c} {o}", "checks": {"styles": "tinyworld"}}
        for c in COLOURS
        for o in ("ball", "house", "star", "tree")
    ]
    painters = {"obeys": {"cost": 0.02}, "stubborn": {"look": "watercolour", "follow": 0.0}}
    metrics = ["steerability", "style_match", "default_look"]
    found = cells(painters, styled + neutral, [f"{m}[tiny-clip]" for m in metrics] + ["cost"], 1)
    obeys, stubborn = found["obeys"], found["stubborn"]
    assert (obeys["steerability[tiny-clip]"].value or 0) > 0.9
    assert stubborn["steerability[tiny-clip]"].value == pytest.approx(0.25, abs=0.05)
    assert obeys["steerability[tiny-clip]"].n == len(styled)
    assert (obeys["style_match[tiny-clip]"].value or 0) > 0.8
    assert (obeys["default_look[tiny-clip]"].value or 0) < 0.3
    assert (stubborn["default_look[tiny-clip]"].value or 0) > 0.9
    assert obeys["default_look[tiny-clip]"].n == len(neutral)
    assert obeys["cost"].value == pytest.approx(0.02)
    assert stubborn["cost"].value is None


@pytest.mark.slow
def test_typing_errors_cost_a_painter_who_reads_letter_by_letter(cells: Boards) -> None:
    prompts: list[dict[str, Any]] = []
    for colour in COLOURS:
        for thing in ("ball", "heart"):
            group, meaning = f"{colour}-{thing}", f"a {colour} {thing}"
            ways = {
                "original": meaning,
                "typo": f"a {colour[::-1]}x {thing[::-1]}x",
                "paraphrase": f"one {thing} in {colour}",
            }
            prompts += [
                {
                    "id": f"{group}-{variant}",
                    "text": text,
                    "checks": {} if variant == "original" else {"meaning": meaning},
                    "tags": {"group": group, "variant": variant, "language": language},
                }
                for (variant, text), language in zip(ways.items(), ("en", "xx", "de"), strict=True)
            ]
    metrics = ["robustness.typo", "robustness.paraphrase", "multilingual.gap", "multilingual.worst"]
    found = cells({"painter": {}}, prompts, [f"{name}[tiny-clip]" for name in metrics])["painter"]
    typo, paraphrase, gap, worst = (found[f"{name}[tiny-clip]"] for name in metrics)
    assert typo.low is not None and typo.low > 5
    assert paraphrase.value == pytest.approx(0, abs=4)
    assert typo.value is not None and paraphrase.value is not None
    assert gap.value == pytest.approx((typo.value + paraphrase.value) / 2)
    assert worst.value == pytest.approx(typo.value)
    assert typo.n == 4 * len(COLOURS) * 2


def test_words_misspelt_at_a_known_rate(cells: Boards) -> None:
    words = ("OPEN LATE", "FRESH BREAD", "GOOD NEWS", "RED DOOR", "BIG SALE", "TEA ROOM")
    prompts = [
        {"id": w.lower(), "text": f'the words "{w}"', "checks": {"lettering": w}} for w in words
    ]
    painters = {"careful": {}, "careless": {"spelling_error": 1.0}}
    found = cells(painters, prompts, ["text_accuracy[ocr]"], 1)
    careful, careless = (
        {name.removeprefix("text_accuracy."): cell.value for name, cell in found[who].items()}
        for who in painters
    )
    assert careful["exact[ocr]"] == 1.0
    assert {careful[f"{name}[ocr]"] for name in ("cer", "wer", "missing", "extra")} == {0.0}
    assert careless["exact[ocr]"] == 0.0
    # one letter of two words is wrong, and OCR reads most of the others right
    assert careless["wer[ocr]"] == pytest.approx(0.5, abs=0.17)
    assert careless["missing[ocr]"] == pytest.approx(0.5, abs=0.17)
    assert careless["extra[ocr]"] == pytest.approx(0.5, abs=0.17)
