from __future__ import annotations

import pytest

from evalharness.board.gallery import gallery, output_detail
from evalharness.core.errors import BadInputError, UnknownNameError

CLIP = "clip_score[tiny]"


def fill(bench) -> dict[str, str]:
    suite = bench.suite(prompts=4)
    bench.metric(CLIP)
    keys: dict[str, str] = {"suite": suite}
    for name in ("good", "poor"):
        bench.model(name, title=name.title())
        for p in range(4):
            for s in (0, 1):
                keys[f"{name}/{p}/{s}"] = bench.job(suite, name, p, s)
    for name, key in keys.items():
        if name.startswith("good"):
            bench.attempt(key)
            keys["sha/" + name] = bench.artifact(key)
            bench.score(key, 0.5)
            break
    keys = dict(keys)
    refused = keys["poor/0/1"]
    bench.attempt(refused, "failed", attempt=1, reason="boom")
    bench.attempt(refused, "refused", attempt=2, reason="policy")
    bench.attempt(keys["poor/1/0"], "oom", reason="too big")
    words = keys["good/1/1"]
    bench.attempt(words, take=0)
    bench.artifact(words, take=0, text="old answer")
    bench.attempt(words, take=1)
    bench.artifact(words, take=1, text="new answer")
    bench.score(words, None, take=1, status="failed", reason="nothing to compare")
    return keys


def test_a_page_of_prompts_and_models(bench) -> None:
    keys = fill(bench)
    with bench.publish() as connection:
        page = gallery(connection, "tiny", limit=2)
    assert (page.total, page.seeds, page.offset, page.limit) == (4, (0, 1), 0, 2)
    assert [m.model for m in page.models] == ["good", "poor"]
    assert [(r.prompt_id, r.text) for r in page.rows] == [("p0", "prompt 0"), ("p1", "prompt 1")]
    assert page.rows[1].tags == {"half": "first", "style": "photo"}
    first, untried = page.rows[0].cells["good"]
    assert (first.job_key, first.take, first.status, first.seed) == (keys["good/0/0"], 0, "ok", 0)
    assert (first.sha256, first.kind, first.width, first.height) == (
        keys["sha/good/0/0"], "picture", 64, 48,
    )  # fmt: skip
    assert first.scores == {CLIP: 0.5}
    assert (untried.status, untried.take, untried.sha256, untried.reason) == (None, None, None, "")
    refused = page.rows[0].cells["poor"][1]
    assert (refused.status, refused.reason, refused.sha256) == ("refused", "policy", None)
    failed = page.rows[1].cells["poor"][0]
    assert (failed.status, failed.reason) == ("oom", "too big")
    text = page.rows[1].cells["good"][1]
    assert (text.kind, text.text, text.take, text.scores) == ("text", "new answer", 1, {})


def test_slices_columns_seeds_and_windows(bench) -> None:
    fill(bench)
    with bench.publish() as connection:
        page = gallery(connection, "tiny", {"style": "photo"}, ["poor"], seed=1, offset=1, limit=5)
        assert [r.prompt_id for r in page.rows] == ["p3"] and page.total == 2
        assert [[o.seed for o in cell] for cell in page.rows[0].cells.values()] == [[1]]
        assert gallery(connection, "tiny", offset=99).rows == ()
        with pytest.raises(BadInputError, match="planned: 0, 1"):
            gallery(connection, "tiny", seed=7)
        with pytest.raises(BadInputError, match="offset"):
            gallery(connection, "tiny", offset=-1)
        with pytest.raises(UnknownNameError, match="good"):
            gallery(connection, "tiny", models=["goood"])


def test_detail_of_a_refused_output_tells_all_attempts(bench) -> None:
    keys = fill(bench)
    with bench.publish() as connection:
        found = output_detail(connection, keys["poor/0/1"], 0)
    assert (found.status, found.reason) == ("refused", "policy")
    assert [(a.attempt, a.status, a.reason) for a in found.attempts] == [
        (1, "failed", "boom"),
        (2, "refused", "policy"),
    ]
    last = found.attempts[-1]
    assert (last.duration_s, last.batch_size, last.padded, last.device) == (1.5, 4, True, "cpu")
    assert (last.notes, last.run, last.peak_memory_bytes) == (("slow",), "run-1", 1 << 20)
    assert (found.text, found.sent, found.negative) == ("prompt 0", "prompt 0, TOK", "blurry")
    assert (found.seed, found.settings, found.prompt_id) == (1, {"s": 1}, "p0")
    assert (found.model, found.title, found.source, found.revision) == (
        "poor", "Poor", "fake:poor", found.revision,
    )  # fmt: skip
    assert (found.backend, found.backend_version, found.suite, found.version) == (
        "fake", 3, "tiny", 1,
    )  # fmt: skip
    assert found.tags == {"half": "first", "style": "pixel"} and found.artifacts == ()


def test_detail_of_a_take_has_its_own_artifacts_and_scores(bench) -> None:
    keys = fill(bench)
    with bench.publish() as connection:
        old = output_detail(connection, keys["good/1/1"], 0)
        new = output_detail(connection, keys["good/1/1"], 1)
        picture = output_detail(connection, keys["good/0/0"], 0)
    assert old.takes == new.takes == (0, 1)
    assert [a.text for a in old.artifacts] == ["old answer"] and old.scores == ()
    assert [a.text for a in new.artifacts] == ["new answer"]
    (score,) = new.scores
    assert (score.status, score.reason, score.value) == ("failed", "nothing to compare", None)
    (score,) = picture.scores
    assert (score.metric, score.value, score.direction) == (CLIP, 0.5, "higher")
    assert (picture.artifacts[0].bytes, picture.artifacts[0].format) == (99, "png")


def test_detail_of_what_is_not_there(bench) -> None:
    keys = fill(bench)
    with bench.publish() as connection:
        for key, take in (("nothing", 0), (keys["good/0/0"], 5), (keys["good/2/0"], 0)):
            with pytest.raises(UnknownNameError, match="no take"):
                output_detail(connection, key, take)


def test_a_job_in_two_suites_tells_the_prompt_of_the_one_asked_for(bench) -> None:
    keys = fill(bench)
    other = bench.suite("other", prompts=4)
    bench.job(other, "good", 0, 0)
    with bench.publish() as connection:
        assert output_detail(connection, keys["good/0/0"], 0).suite == "other"
        assert output_detail(connection, keys["good/0/0"], 0, keys["suite"]).suite == "tiny"


def test_fewer_scores_are_read_when_asked_for_but_always_those_that_flag(bench) -> None:
    suite = bench.suite(prompts=1)
    for metric in (CLIP, "latency", "nsfw_rate[tiny]"):
        bench.metric(metric)
    for name, rate in (("tame", 0.0), ("wild", 1.0)):
        bench.model(name)
        key = bench.job(suite, name, 0, 0)
        bench.attempt(key)
        bench.artifact(key)
        for metric, value in ((CLIP, 0.5), ("latency", 2.0), ("nsfw_rate[tiny]", rate)):
            bench.score(key, value, metric)
    bench.model("stopped")
    stopped = bench.job(suite, "stopped", 0, 0)
    bench.attempt(stopped, "filtered", reason="its own filter")
    bench.artifact(stopped)
    with bench.publish() as connection:
        whole = gallery(connection, "tiny").rows[0].cells
        few = gallery(connection, "tiny", metrics=[CLIP]).rows[0].cells
    assert set(whole["wild"][0].scores) == {CLIP, "latency", "nsfw_rate[tiny]"}
    assert few["wild"][0].scores == {CLIP: 0.5, "nsfw_rate[tiny]": 1.0}
    for cells in (whole, few):
        flagged = {name: one.flagged for name, (one,) in cells.items()}
        assert flagged == {"stopped": True, "tame": False, "wild": True}
