from __future__ import annotations

from evalharness.board.gate.history import history, history_sheets
from evalharness.board.sheets import to_markdown
from evalharness.board.suites import find_suite
from tests.board.conftest import Bench

CLIP = "clip_score[tiny]"


def test_a_suite_without_finished_outputs_is_told_so(bench: Bench) -> None:
    suite = bench.suite(prompts=2, metrics=(CLIP,))
    bench.metric(CLIP)
    bench.model("m")
    bench.attempt(bench.job(suite, "m", 0, 0), "failed", reason="broken")
    with bench.publish() as connection:
        found = history(connection, find_suite(connection, "tiny"))
    assert not found.entries
    assert "Nothing yet" in to_markdown(history_sheets(found))
