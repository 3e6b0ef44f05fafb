from __future__ import annotations

from evalharness.board.status import store_status

CLIP = "clip_score[tiny]"


def test_an_empty_store_has_no_rows(bench) -> None:
    with bench.publish() as connection:
        assert store_status(connection) == ()


def test_what_is_planned_done_missing_and_scored(bench) -> None:
    bench.suite(version=1)
    suite = bench.suite(version=2)
    bench.metric(CLIP)
    bench.metric("fid[tiny]", "lower", "set")
    bench.model("m")
    keys = [bench.job(suite, "m", p, 0) for p in range(6)]
    bench.attempt(keys[0])
    bench.score(keys[0], 0.5)
    bench.attempt(keys[1])
    bench.score(keys[1], None, status="failed", reason="no")
    bench.attempt(keys[2], "timeout", reason="slow")
    bench.attempt(keys[2], "timeout", attempt=2, reason="slow")
    bench.set_score(suite, "m", "fid[tiny]", n=2)
    with bench.publish():
        pass
    bench.run = "run-2"
    bench.attempt(keys[3], "refused", reason="policy")
    last = bench.now
    bench.model("fresh")
    bench.job(suite, "fresh", 0, 0)
    with bench.publish() as connection:
        fresh, found = store_status(connection)
    assert (found.suite, found.version, found.model) == ("tiny", 2, "m")
    assert (found.planned, found.ok, found.pending) == (6, 2, 2)
    assert dict(found.statuses) == {"ok": 2, "refused": 1, "timeout": 1}
    assert found.scores == {CLIP: 1, "fid[tiny]": 2}
    assert (found.last_run, found.last_made_at) == ("run-2", last)
    assert (fresh.model, fresh.planned, fresh.pending, fresh.last_run) == ("fresh", 1, 1, None)
    assert fresh.scores == {CLIP: 0, "fid[tiny]": 0}
