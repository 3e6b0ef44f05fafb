from __future__ import annotations

import pytest

from evalharness.board.families import bases
from evalharness.board.leaderboard import leaderboard
from evalharness.board.selection import select
from evalharness.board.sets import WHOLE_SUITE_ONLY
from evalharness.board.suites import find_suite
from evalharness.board.tables import to_markdown
from tests.board.conftest import Bench

CLIP = "clip_score[tiny]"


def fill(bench: Bench) -> str:
    """Prompt 0 is refused by b, prompt 1 with one seed by a; c never saw prompt 2."""
    suite = bench.suite(prompts=6)
    bench.metric(CLIP)
    bench.metric("kid[tiny]", level="set", direction="lower")
    for place, model in enumerate("abc"):
        bench.model(model)
        for prompt in range(6):
            if (model, prompt) == ("c", 2):
                continue
            for seed in (0, 1):
                key = bench.job(suite, model, prompt, seed)
                refused = (model, prompt) == ("b", 0) or (model, prompt, seed) == ("a", 1, 0)
                if refused:
                    bench.attempt(key, status="refused", reason="no")
                else:
                    bench.attempt(key)
                    bench.score(key, 10.0 * prompt + place, CLIP)
    bench.set_score(suite, "a", "kid[tiny]", value=0.1, n=12)
    return suite


def test_only_prompts_that_all_shown_models_answered_count(bench: Bench) -> None:
    suite = fill(bench)
    with bench.publish() as connection:
        whole = leaderboard(connection, suite)
        fair = leaderboard(connection, suite, common=True)
        two = leaderboard(connection, suite, models=["a", "c"], common=True)
    assert whole.prompts == 6
    assert (fair.prompts, two.prompts) == (3, 4)
    means = {row.model: row.cells[CLIP].value for row in fair.rows}
    assert means == {"a": pytest.approx(40), "b": pytest.approx(41), "c": pytest.approx(42)}
    assert {row.planned for row in fair.rows} == {6}
    assert {row.cells["kid[tiny]"].reason for row in fair.rows} == {WHOLE_SUITE_ONLY}
    assert "prompts that all models answered" in to_markdown(fair)


def test_a_pool_without_a_common_prompt_is_an_empty_board(bench: Bench) -> None:
    suite = bench.suite(prompts=1)
    bench.metric(CLIP)
    for model, status in (("a", "ok"), ("b", "refused")):
        bench.model(model)
        key = bench.job(suite, model, 0, 0)
        bench.attempt(key, status=status)
        if status == "ok":
            bench.score(key, 1.0, CLIP)
    with bench.publish() as connection:
        found = leaderboard(connection, suite, common=True)
    assert found.prompts == 0
    assert all(row.cells[CLIP].value is None for row in found.rows)


def test_fine_tunes_know_their_base(bench: Bench) -> None:
    suite = bench.suite(prompts=1)
    bench.model("base", source="hub/sd")
    bench.model("lora", source="hub/sd", adapters=("film",))
    bench.model("tuned", source="hub/own", base="base")
    bench.model("other", source="hub/else")
    for model in ("base", "lora", "tuned", "other"):
        bench.attempt(bench.job(suite, model, 0, 0))
    with bench.publish() as connection:
        variants = select(connection, find_suite(connection, suite).digest).variants
        found = dict(zip([v.model for v in variants], bases(connection, variants), strict=True))
    assert found == {"base": None, "lora": "base", "tuned": "base", "other": None}
