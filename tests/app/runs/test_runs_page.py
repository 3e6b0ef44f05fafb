from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evalharness.app.runs.past import run_names
from evalharness.board.gate.history import Entry
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from tests.app.opened import app, payloads, said


@pytest.fixture
def runs_page(gated: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def opened(**address: Any) -> AppTest:
        return app(gated / "store", monkeypatch, "runs", address)

    return opened


def sheet(test: AppTest, title: str) -> Any:
    return next(one for one in payloads(test, "sheet") if one["caption"] == title)


def names(gated: Path) -> list[str]:
    with connect(Store.open(gated / "store")) as connection:
        rows = connection.execute("SELECT run FROM runs ORDER BY started_at DESC").fetchall()
    return [run for (run,) in rows]


def test_runs_are_listed_newest_first_with_what_they_made(runs_page: Any, gated: Path) -> None:
    rows = [row["cells"] for row in sheet(runs_page(), "All runs")["rows"]]
    assert [row[1] for row in rows] == ["gate", "api"]
    assert [row[2] for row in rows] == ["finished", "finished"]
    assert all("ok" in row[4] and "refused" in row[4] for row in rows)
    assert [row[6] for row in rows] == names(gated)


def test_one_run_tells_its_troubles_and_how_it_differs_from_the_one_before(
    runs_page: Any,
) -> None:
    test = runs_page()
    told = said(test).replace("\\", "")
    assert "What it could not answer" in told
    assert "refused: one" in told
    differs = [row["cells"] for row in sheet(test, "What differs")["rows"]]
    assert any(cells[:2] == ["arguments", "fresh"] for cells in differs)
    assert not any(cells[1] == "python" for cells in differs)
    test.toggle(key="same").set_value(True).run()
    whole = [row["cells"] for row in sheet(test, "Circumstances")["rows"]]
    assert any(cells[1] == "python" and cells[2] == cells[3] for cells in whole)
    assert test.selectbox(key="log").options


def test_a_gate_is_kept_with_its_verdict_and_its_worst_pictures(runs_page: Any) -> None:
    test = runs_page()
    assert "REGRESSION" in str(test.selectbox(key="gate").value)
    head = next(one for one in payloads(test, "sheet") if one["caption"].startswith("Gate of"))
    assert any("REGRESSION" in row["cells"] for row in head["rows"])
    worst = payloads(test, "shelf")[-1]["items"]
    assert {one["text"].partition(":")[0] for one in worst} == {"before", "now"}


def test_numbers_stand_run_by_run(runs_page: Any) -> None:
    test = runs_page(**{"history.model": "one"})
    assert test.selectbox(key="suite").value == "painted"
    assert len(test.get("vega_lite_chart")) == 1
    assert "A diamond marks other weights or settings" in said(test)


def test_an_unknown_run_is_said(runs_page: Any) -> None:
    assert "No run here is called 'gone'" in said(runs_page(run="gone"))


def test_a_store_without_runs_and_gates_says_what_to_do(open_app: Any) -> None:
    assert "No run is on record" in said(open_app("runs"))


def test_a_run_that_was_killed_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_store: Any
) -> None:
    from evalharness.ledger.rows import JsonText, RunRow

    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Killed", "image", [])
    variant = store.model("m", "Model")
    store.prompt(suite, 0, "p", "a ball", {})
    store.write(store.output(suite, variant, "m", ("p", "a ball"), 0, tried=False)[0])
    empty = JsonText("{}")
    store.write(
        [
            RunRow(
                run="killed", made_at=store.now(), command="run", status="running",
                started_at=store.now(), ended_at=None, arguments=empty,
                resolved=JsonText('{"s": {"m": {"missing": 1, "variant": "x"}}}'),
                versions=empty, machine=empty, git=empty,
            )
        ]
    )  # fmt: skip
    store.publish()
    test = app(store.store.root, monkeypatch, "runs")
    assert sheet(test, "All runs")["rows"][0]["cells"][2] == "stopped without an end"
    assert not payloads(test, "progress")


def test_runs_that_made_other_numbers_of_outputs_say_so() -> None:
    entries = [
        Entry("m", f"20260101-00000{i}-abcdef", "run", f"2026-01-0{i}", "v", False, {})
        for i in (1, 2)
    ]
    assert run_names(entries, [96, 96])[0] == "2026-01-01 · abcdef"
    assert run_names(entries, [8, 96]) == [
        "2026-01-01 · abcdef · n 8",
        "2026-01-02 · abcdef · n 96",
    ]
