from itertools import pairwise
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.instruments import instrument_names
from evalharness.report.metrics import metrics_page

COMMITTED = Path(__file__).parents[2] / "reports" / "metrics.md"


def test_the_committed_page_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == metrics_page(), "run `make reports`"


def test_every_metric_and_instrument_is_told_of() -> None:
    page = metrics_page()
    for name in registry.BUILT_IN["metrics"]:
        assert f"### `{name}`\n" in page
    for name in instrument_names():
        assert f"| `{name}` |" in page


def test_tables_stay_tables() -> None:
    lines = metrics_page().splitlines()
    for before, line in pairwise(lines):
        if before.startswith("|") and line.startswith("|"):
            columns = [row.replace("\\|", "").count("|") for row in (before, line)]
            assert columns[0] == columns[1], line
