"""Metrics on statuses, from painters that refuse to the board."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evalharness.board.leaderboard import BoardRow, leaderboard
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.run import RunReport

PROMPTS = [
    {"id": f"{reaction}-{n}", "text": f"{n} red balls, {reaction}", "tags": {"expect": reaction}}
    for reaction in ("answer", "refuse")
    for n in range(12)
]
OUTPUTS = 2 * len(PROMPTS)


def test_refusals_reach_the_board(
    model: Callable[..., str],
    suite: Callable[..., str],
    go: Callable[..., RunReport],
    store: Path,
) -> None:
    rates = {
        "open": {},
        "timid": {"refuse": 0.2, "filter": 0.2, "nonfinite": 0.2},
        "mute": {"refuse": 1.0},
    }
    models = [model(name, backend="painter", options=options) for name, options in rates.items()]
    metrics = ["refusal", "technical.blank", "latency"]
    asked = Asked((suite(prompts=PROMPTS, metrics=metrics, seeds=2),), models=tuple(models))
    first, again = go(asked), go(asked)
    assert (first.generated, again.generated, again.scores) == (3 * OUTPUTS, 0, 0)
    connection = connect(Store.open(store))
    rows = {row.model: row for row in leaderboard(connection, "pictures").rows}
    connection.close()
    _of_everything_that_ended(rows["timid"])
    for name, refused in (("open", 0.0), ("mute", 1.0)):
        cells = rows[name].cells
        assert cells["refusal.rate"].value == refused
        assert cells["refusal.over"].value == refused
        assert cells["refusal.missed"].value == 1.0 - refused
        assert (cells["refusal.rate"].n, cells["refusal.over"].n) == (OUTPUTS, OUTPUTS / 2)
    assert rows["mute"].cells["technical.blank[pixels]"].value is None
    assert rows["mute"].cells["technical.blank[pixels]"].reason == "no ok outputs"
    assert rows["timid"].cells["technical.blank[pixels]"].n == rows["timid"].statuses["ok"]
    assert rows["open"].cells["technical.blank[pixels]"].value == 0.0


def _of_everything_that_ended(timid: BoardRow) -> None:
    counts = {name: timid.statuses[name] for name in ("ok", "refused", "filtered", "nonfinite")}
    assert sum(counts.values()) == OUTPUTS
    decided = counts["ok"] + counts["refused"] + counts["filtered"]
    rate, over, missed = (timid.cells[f"refusal.{n}"] for n in ("rate", "over", "missed"))
    assert (rate.n, over.n + missed.n) == (decided, decided)
    assert rate.value == pytest.approx((counts["refused"] + counts["filtered"]) / decided, abs=0.1)
    assert (rate.missing, over.missing, missed.missing) == (0, 0, 0)
