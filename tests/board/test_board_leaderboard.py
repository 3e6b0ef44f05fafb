from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evalharness.board.leaderboard import Board, Cell, leaderboard, suites, tags
from evalharness.board.pairwise import pairs_of
from evalharness.board.sets import WHOLE_SUITE_ONLY
from evalharness.board.statistics import detectable_difference, interval_of_sums
from evalharness.core.errors import UnknownNameError
from evalharness.ledger.published import connect

CLIP = "clip_score[tiny]"
PLACES = [(p, s) for p in range(12) for s in (0, 1)]


def values(level: float, phase: int = 0) -> dict[tuple[int, int], float]:
    """Prompt p: level + p/100 ± .02 between the seeds, and a small pattern of the model's own."""
    return {
        (p, s): level + p / 100 + (0.02 if s else -0.02) + 0.005 * ((p * 7 + phase) % 5)
        for p, s in PLACES
    }


def fill(bench, suite: str) -> None:
    bench.metric(CLIP)
    for phase, (name, level) in enumerate({"good": 0.8, "poor": 0.3, "twin": 0.8}.items()):
        bench.model(name, title=name.title())
        bench.scored(suite, name, values(level, phase), CLIP)


def row(board: Board, model: str):
    return next(r for r in board.rows if r.model == model)


def test_known_means_intervals_and_tie_groups(bench) -> None:
    suite = bench.suite()
    fill(bench, suite)
    with bench.publish() as connection:
        board = leaderboard(connection, "tiny")
    assert (board.suite, board.version, board.title, board.digest) == (
        "tiny", 1, "Tiny world", suite,
    )  # fmt: skip
    assert [c.metric for c in board.columns] == [CLIP] and board.prompts == 12
    for phase, (name, level) in enumerate({"good": 0.8, "poor": 0.3, "twin": 0.8}.items()):
        made = values(level, phase)
        sums = [made[p, 0] + made[p, 1] for p in range(12)]
        expected = interval_of_sums(sums, [2] * 12)
        cell = row(board, name).cells[CLIP]
        assert (cell.n, cell.prompts, cell.missing, cell.reason) == (24, 12, 0, "")
        np.testing.assert_allclose((cell.value, cell.low, cell.high), expected[:3])
    groups = {r.model: (r.cells[CLIP].tie_group, r.cells[CLIP].rank_low) for r in board.rows}
    assert groups == {"good": ("A", 1), "twin": ("A", 1), "poor": ("B", 3)}
    assert board.rows[-1].model == "poor" and board.sort == CLIP
    means = [
        [m[p, 0] / 2 + m[p, 1] / 2 for p in range(12)]
        for m in (values(level, phase) for phase, level in enumerate((0.8, 0.3, 0.8)))
    ]
    expected = detectable_difference(pairs_of(np.asarray(means)))
    assert expected is not None
    assert board.detectable == {CLIP: (pytest.approx(expected.difference), 12, 12)}
    assert row(board, "good").title == "Good" and row(board, "good").licence == "MIT"


def test_statuses_are_counted_and_never_averaged(bench) -> None:
    suite = bench.suite()
    bench.metric(CLIP)
    bench.model("m")
    for p, s in PLACES:
        key = bench.job(suite, "m", p, s)
        if p == 0:
            bench.attempt(key, "refused", reason="not allowed")
            bench.score(key, 0.0)  # even a stray score of a refused output must not count
        elif p == 1:
            for number in (1, 2, 3):
                bench.attempt(key, "failed", attempt=number, reason="boom")
        elif (p, s) == (2, 0):
            pass  # planned, never tried
        elif (p, s) == (3, 0):
            bench.attempt(key)
            bench.score(key, None, status="failed", reason="no lettering asked for")
        elif (p, s) == (3, 1):
            bench.attempt(key)  # ok, not scored
        elif (p, s) == (4, 0):
            bench.attempt(key)
            bench.score(key, float("nan"))
        else:
            bench.attempt(key)
            bench.score(key, 1.0 + p)
    with bench.publish() as connection:
        found = leaderboard(connection, "tiny").rows[0]
    assert dict(found.statuses) == {"ok": 19, "refused": 2, "failed": 2}
    assert (found.planned, found.outputs, found.pending) == (24, 21, 1)
    cell = found.cells[CLIP]
    scored = [
        1.0 + p for p, s in PLACES if p >= 2 and (p, s) not in {(2, 0), (3, 0), (3, 1), (4, 0)}
    ]
    assert cell.n == len(scored) == 16 and cell.missing == 3
    assert cell.value == pytest.approx(np.mean(scored))
    assert cell.reason == "no lettering asked for"


def test_a_model_without_ok_outputs_keeps_its_row(bench) -> None:
    suite = bench.suite()
    fill(bench, suite)
    for name, status in {"mute": "refused", "new": None}.items():
        bench.model(name)
        key = bench.job(suite, name, 0, 0)
        if status:
            bench.attempt(key, status, reason="no")
    bench.model("unscored")
    bench.attempt(bench.job(suite, "unscored", 0, 0))
    with bench.publish() as connection:
        board = leaderboard(connection, "tiny")
    assert row(board, "mute").cells[CLIP] == Cell(reason="no ok outputs")
    assert row(board, "new").cells[CLIP] == Cell(reason="no ok outputs")
    assert row(board, "new").pending == 1
    assert row(board, "unscored").cells[CLIP] == Cell(missing=1, reason="not scored yet")
    assert {r.model for r in board.rows[3:]} == {"mute", "new", "unscored"}
    assert row(board, "poor").cells[CLIP].rank_high == 3  # ranked among those with values


def test_the_newest_finished_take_counts(bench) -> None:
    suite = bench.suite(prompts=3)
    bench.metric(CLIP)
    bench.model("m")
    for p in range(3):
        key = bench.job(suite, "m", p, 0)
        bench.attempt(key, take=0)
        bench.score(key, 1.0, take=0)
        bench.attempt(key, take=1)
        bench.score(key, 2.0 + p, take=1)
        bench.attempt(key, "oom", take=2, reason="too big")
    with bench.publish() as connection:
        found = leaderboard(connection, "tiny").rows[0]
    assert dict(found.statuses) == {"ok": 3}
    assert found.cells[CLIP].value == 3.0 and found.cells[CLIP].n == 3


def test_newest_version_of_the_suite_and_newest_variant_of_a_model(bench) -> None:
    old = bench.suite(version=1, prompts=2)
    bench.metric(CLIP)
    bench.model("m")
    bench.scored(old, "m", {(0, 0): 1.0, (1, 0): 3.0}, CLIP)
    new = bench.suite(version=2, prompts=2)
    for setting, value in ((1, 5.0), (2, 7.0)):
        bench.model("m", setting=setting)
        for p in range(2):
            key = bench.job(new, "m", p, 1, setting=setting)
            bench.attempt(key)
            bench.score(key, value)
    with bench.publish() as connection:
        board = leaderboard(connection, "tiny")
        assert (board.version, board.digest) == (2, new)
        assert [r.cells[CLIP].value for r in board.rows] == [7.0]
        for asked in (old, old[:8]):
            before = leaderboard(connection, asked)
            assert before.version == 1 and before.rows[0].cells[CLIP].value == 2.0
        entries = suites(connection)
    assert [(e.suite, e.version, e.newest, e.prompts) for e in entries] == [
        ("tiny", 2, True, 2),
        ("tiny", 1, False, 2),
    ]
    assert entries[0].models == ("m",) and entries[0].metrics == ("clip_score", "fid")


def test_slices_by_tags(bench) -> None:
    suite = bench.suite()
    fill(bench, suite)
    bench.metric("fid[tiny]", "lower", "set")
    bench.set_score(suite, "good", "fid[tiny]", value=9.5, n=24)
    with bench.publish() as connection:
        assert tags(connection, "tiny") == {
            "half": {"first": 6, "second": 6},
            "style": {"photo": 6, "pixel": 6},
        }
        where = {"style": "photo", "half": "first"}
        board = leaderboard(connection, "tiny", where)
        whole = leaderboard(connection, "tiny")
    made = [v for (p, _), v in values(0.8).items() if p in (1, 3, 5)]
    good = row(board, "good")
    assert good.cells[CLIP].value == pytest.approx(np.mean(made))
    assert (good.planned, dict(good.statuses), good.cells[CLIP].prompts) == (6, {"ok": 6}, 3)
    assert good.cells["fid[tiny]"] == Cell(reason=WHOLE_SUITE_ONLY)
    assert row(whole, "good").cells["fid[tiny]"].value == 9.5
    assert board.slice == where and board.prompts == 3


def test_set_scores_keep_their_interval_and_say_what_is_wrong(bench) -> None:
    suite = bench.suite()
    fill(bench, suite)
    bench.metric("fid[tiny]", "lower", "set")
    bench.set_score(suite, "good", "fid[tiny]", value=9.5, low=9.0, high=10.5, n=24)
    bench.set_score(suite, "poor", "fid[tiny]", value=20.0, n=20)
    bench.set_score(
        suite, "twin", "fid[tiny]", status="failed", reason="needs 100 outputs, has 24",
        value=None, n=24,
    )  # fmt: skip
    with bench.publish() as connection:
        board = leaderboard(connection, "tiny")
    cells = {r.model: r.cells["fid[tiny]"] for r in board.rows}
    assert (cells["good"].value, cells["good"].low, cells["good"].high) == (9.5, 9.0, 10.5)
    assert cells["good"].tie_group is None
    assert cells["poor"].missing == 4 and "20 to 24" in cells["poor"].reason
    assert cells["twin"] == Cell(n=24, reason="needs 100 outputs, has 24")
    assert [c.metric for c in board.columns] == [CLIP, "fid[tiny]"]


def test_columns_and_pool_and_order_can_be_chosen(bench) -> None:
    suite = bench.suite()
    fill(bench, suite)
    bench.metric("clip_score[other]")
    bench.metric("latency", "lower", unit="s")
    for model, seconds in {"good": 9.0, "poor": 1.0, "twin": 5.0}.items():
        for p, s in PLACES:
            key = bench.job(suite, model, p, s)
            bench.score(key, seconds + p / 100, "latency")
            bench.score(key, seconds, "clip_score[other]")
    with bench.publish() as connection:
        board = leaderboard(connection, "tiny")
        assert [c.metric for c in board.columns] == ["clip_score[other]", CLIP, "latency"]
        board = leaderboard(connection, "tiny", metrics=["latency"])
        assert [r.model for r in board.rows] == ["poor", "twin", "good"]
        cell = board.rows[0].cells["latency"]
        assert (cell.low, cell.tie_group, cell.rank_low) == (None, None, None)
        assert "by batch" in cell.reason and "latency" not in board.detectable
        board = leaderboard(connection, "tiny", metrics=["latency", "clip_score"], sort="latency")
        assert len(board.columns) == 3 and board.rows[0].model == "poor"
        board = leaderboard(connection, "tiny", models=["poor"], metrics=[CLIP])
        assert [r.model for r in board.rows] == ["poor"]
        assert board.rows[0].cells[CLIP].tie_group == "A"


def test_unknown_names_come_with_the_nearest_known(bench) -> None:
    fill(bench, bench.suite())
    with bench.publish() as connection:
        for arguments, message in (
            ({"suite": "tini"}, "Did you mean 'tiny'"),
            ({"suite": "tiny", "where": {"stile": "photo"}}, "Did you mean 'style'"),
            ({"suite": "tiny", "where": {"style": "foto"}}, "Did you mean 'photo'"),
            ({"suite": "tiny", "metrics": ["clip_scor"]}, "clip_score"),
            ({"suite": "tiny", "models": ["god"]}, "Did you mean 'good'"),
            ({"suite": "tiny", "sort": "clip"}, "clip_score"),
            ({"suite": "tiny'; DROP TABLE suites; --"}, "There is no suite"),
        ):
            with pytest.raises(UnknownNameError, match=message):
                leaderboard(connection, **arguments)


def test_an_empty_store_says_how_to_fill_it(bench) -> None:
    with bench.publish() as connection:
        assert suites(connection) == ()
        with pytest.raises(UnknownNameError, match="evalharness run tiny"):
            leaderboard(connection, "tiny")


def test_a_planned_suite_without_scores_is_a_board_without_columns(bench) -> None:
    suite = bench.suite()
    bench.model("m")
    bench.job(suite, "m", 0, 0)
    with bench.publish() as connection:
        board = leaderboard(connection, "tiny")
    assert board.columns == () and board.rows[0].pending == 1 and board.sort == ""


def test_shares_stay_honest_at_the_ends(bench) -> None:
    suite = bench.suite(metrics=("exact_match",))
    bench.metric("exact_match", unit="share")
    bench.model("m")
    bench.scored(suite, "m", dict.fromkeys(PLACES, 1.0), "exact_match")
    with bench.publish() as connection:
        cell = leaderboard(connection, "tiny").rows[0].cells["exact_match"]
    assert cell.value == cell.high == 1.0 and cell.low == pytest.approx(0.025 ** (1 / 12))


def test_reading_changes_nothing(bench) -> None:
    fill(bench, bench.suite())
    bench.publish().close()
    before = {p: p.stat().st_mtime_ns for p in Path(bench.store.root).rglob("*") if p.is_file()}
    with connect(bench.store) as connection:
        leaderboard(connection, "tiny", {"style": "photo"})
    after = {p: p.stat().st_mtime_ns for p in Path(bench.store.root).rglob("*") if p.is_file()}
    assert before == after
