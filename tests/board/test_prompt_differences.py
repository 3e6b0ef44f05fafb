from __future__ import annotations

import pytest

from evalharness.board.compare import Side, compare
from evalharness.board.compare.origins import origins
from evalharness.board.compare.prompt_differences import answers_of, prompt_differences
from evalharness.board.compare.sides import select_sides, sides_of
from evalharness.board.suites import find_suite
from tests.board.conftest import Bench
from tests.board.test_compare import CLIP, two_models, two_takes


def test_prompts_stand_by_their_difference_and_make_up_the_comparison(bench: Bench) -> None:
    suite = two_models(bench, lambda p: float(p % 3))
    with bench.publish() as connection:
        found = prompt_differences(connection, suite, Side("a"), Side("b"), CLIP)
        whole = compare(connection, suite, Side("a"), Side("b"))
    assert len(found) == 12
    assert [one.difference for one in found] == sorted(one.difference for one in found)
    assert all(one.difference == pytest.approx(one.second - one.first) for one in found)
    mean = sum(one.difference for one in found) / 12
    assert whole.metrics[0].paired.difference == pytest.approx(mean)


def test_answers_come_in_the_order_asked_for_and_unknown_prompts_are_left_out(
    bench: Bench,
) -> None:
    suite = two_models(bench)
    with bench.publish() as connection:
        known = [
            one.prompt_id
            for one in prompt_differences(connection, suite, Side("a"), Side("b"), CLIP)
        ]
        found = answers_of(
            connection, suite, Side("a"), Side("b"), [known[3], "no such prompt", known[0]]
        )
    assert [one.prompt_id for one in found] == [known[3], known[0]]
    assert [len(one.first) for one in found] == [2, 2]


def test_takes_and_runs_are_sides_where_there_are_several(bench: Bench) -> None:
    suite = two_takes(bench, lambda prompt, take: (prompt, take))
    with bench.publish() as connection:
        entry = find_suite(connection, suite)
        found = [side.label for side in sides_of(connection, entry)]
        assert found == ["a", "a@take1", "a@take2", "a@run:run-1", "a@run:run-2"]
        first, second = sides_of(connection, entry)[1:3]
        both = origins(connection, select_sides(connection, entry, first, second, {}))
    assert {one.name for one in both if one.first != one.second} == {"run"}
    assert any(one.first == one.second for one in both)
