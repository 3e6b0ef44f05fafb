from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evalharness.board.columns import MetricColumn
from evalharness.board.gallery import Sift, gallery

CLIP = "clip_score[tiny]"
HIGHER = MetricColumn(CLIP, "CLIP score", "", "higher", "output")
LOWER = MetricColumn(CLIP, "CLIP score", "", "lower", "output")
SCORES = {
    # two seeds a prompt: means 1, 5, 3 and 2, 9, 3; nobody has a score on p3, one model on p4
    "a": [(0.5, 1.5), (5.0, 5.0), (2.0, 4.0), None, (4.0, 4.0)],
    "b": [(2.0, 2.0), (8.0, 10.0), (3.0, 3.0), None, None],
}


@pytest.fixture
def filled(bench: Any) -> Any:
    suite = bench.suite(prompts=5)
    bench.metric(CLIP)
    for model, prompts in SCORES.items():
        bench.model(model)
        for place, pair in enumerate(prompts):
            for seed in (0, 1):
                key = bench.job(suite, model, place, seed)
                if pair is not None:
                    bench.attempt(key)
                    bench.score(key, pair[seed], CLIP)
                elif seed:
                    bench.attempt(key, "refused", reason="policy")
                elif model == "b":
                    bench.attempt(key, "failed", reason="boom")
    with bench.publish() as connection:
        yield connection


def ids(connection: Any, sift: Sift, **asked: Any) -> list[str]:
    page = gallery(connection, "tiny", sift=sift, **asked)
    assert page.total >= len(page.rows)
    return [row.prompt_id for row in page.rows]


def test_where_models_differ_most_comes_first_and_what_nobody_can_tell_last(filled: Any) -> None:
    assert ids(filled, Sift("apart", HIGHER)) == ["p1", "p0", "p2", "p3", "p4"]
    alone = ids(filled, Sift("apart", HIGHER), models=["a"])
    assert alone == ["p0", "p1", "p2", "p3", "p4"]


def test_best_and_worst_heed_the_metrics_direction_and_the_models_shown(filled: Any) -> None:
    best = ["p1", "p4", "p2", "p0", "p3"]
    assert ids(filled, Sift("best", HIGHER)) == best
    assert ids(filled, Sift("worst", LOWER)) == best
    assert ids(filled, Sift("worst", HIGHER)) == ["p0", "p2", "p4", "p1", "p3"]
    assert ids(filled, Sift("best", HIGHER), models=["b"])[:3] == ["p1", "p2", "p0"]


def test_best_and_worst_can_be_one_models_while_all_are_shown(filled: Any) -> None:
    assert ids(filled, Sift("best", HIGHER, of="a"))[:4] == ["p1", "p4", "p2", "p0"]
    assert ids(filled, Sift("worst", HIGHER, of="b")) == ["p0", "p2", "p1", "p3", "p4"]
    assert ids(filled, Sift("apart", HIGHER, of="b"))[0] == "p1"


def test_pages_are_cut_from_the_whole_order(filled: Any) -> None:
    whole = ids(filled, Sift("best", HIGHER))
    paged = [
        one
        for offset in range(0, 5, 2)
        for one in ids(filled, Sift("best", HIGHER), offset=offset, limit=2)
    ]
    assert paged == whole


def test_most_troubles_come_first_then_the_suites_order(filled: Any) -> None:
    # p3: one never tried, one failed, two refused; p4: a failed and a refused one
    assert ids(filled, Sift("troubles")) == ["p3", "p4", "p0", "p1", "p2"]


def test_a_status_keeps_prompts_with_such_an_output_of_a_shown_model_and_seed(filled: Any) -> None:
    assert ids(filled, Sift(status="refused")) == ["p3", "p4"]
    assert ids(filled, Sift(status="refused"), models=["a"]) == ["p3"]
    assert ids(filled, Sift(status="refused"), seed=0) == []
    assert ids(filled, Sift(status="failed"), seed=0) == ["p3", "p4"]


def test_a_range_keeps_prompts_on_which_some_shown_mean_lies_in_it(filled: Any) -> None:
    assert ids(filled, Sift(metric=HIGHER, low=4.0)) == ["p1", "p4"]
    assert ids(filled, Sift(metric=HIGHER, low=2.0, high=3.0)) == ["p0", "p2"]
    assert ids(filled, Sift(metric=HIGHER, high=1.0)) == ["p0"]
    # of seed 0 alone, the scores that the tiles then show
    assert ids(filled, Sift(metric=HIGHER, high=0.5), seed=0) == ["p0"]
    assert ids(filled, Sift(metric=HIGHER, high=0.5), seed=1) == []
    assert ids(filled, Sift(metric=HIGHER, low=10.0), seed=1) == ["p1"]


def test_words_are_found_in_texts_and_ids_whatever_their_case(filled: Any) -> None:
    assert ids(filled, Sift(search="PROMPT 3")) == ["p3"]
    assert ids(filled, Sift(search="P4")) == ["p4"]
    assert ids(filled, Sift("best", HIGHER, search="prompt", low=3.0)) == ["p1", "p4", "p2"]
    assert ids(filled, Sift(search="nowhere")) == []


def test_one_seed_orders_by_that_seed(filled: Any) -> None:
    first = ids(filled, Sift("worst", HIGHER), seed=0, models=["a"])
    spoken = {f"p{p}": pair[0] for p, pair in enumerate(SCORES["a"]) if pair is not None}
    assert first[:-1] == sorted(spoken, key=spoken.__getitem__)
    assert np.isfinite(list(spoken.values())).all()
