from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evalharness.backends import fake
from evalharness.core.errors import BadInputError, StoreError, UnknownNameError
from evalharness.core.outcomes import Status
from evalharness.ledger.artifacts import path_of
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.known import Known
from evalharness.runner.plan import Choices


def test_a_suite_runs_from_its_file_to_scores(go, model, suite, ask_sql):
    report = go(Asked(suites=(suite(),), models=(model("a"), model("b", options={"cost": 0.5}))))

    assert report.generated == 24
    assert not report.problems
    counts = dict(ask_sql("SELECT metric, count(*) FROM scores WHERE status = 'ok' GROUP BY ALL"))
    assert counts == {"clip_score[fake]": 24, "latency": 24}
    assert ask_sql("SELECT count(*), count(DISTINCT sha256) FROM artifacts") == [(24, 24)]
    assert {s for (s,) in ask_sql("SELECT status FROM runs")} == {"finished"}
    # six prompts' texts are looked at once, not once per model
    assert ask_sql("SELECT kind, count(*) FROM features GROUP BY ALL ORDER BY ALL") == [
        ("picture", 24),
        ("text", 6),
    ]


def test_a_second_run_does_nothing(go, model, suite):
    asked = Asked(suites=(suite(),), models=(model("a"),))
    go(asked)
    again = go(asked)
    assert (again.generated, again.features, again.scores) == (0, 0, 0)


def test_a_new_metric_and_more_prompts_reuse_what_exists(go, model, suite):
    models = (model("a", options={"memory_bytes": 1e6}),)
    go(Asked(suites=(suite(metrics=["latency"]),), models=models))
    scored = go(Asked(suites=(suite(metrics=["latency", "peak_memory"]),), models=models))
    grown = go(Asked(suites=(suite(prompts=8, metrics=["latency"]),), models=models))
    assert scored.generated == 0
    assert scored.scores == 12
    assert grown.generated == 4


def test_limit_takes_the_first_prompts_only(go, model, suite, ask_sql):
    report = go(Asked(suites=(suite(),), models=(model("a"),), choices=Choices(limit=2)))
    assert report.generated == 4
    assert ask_sql("SELECT count(DISTINCT prompt_id) FROM members") == [(2,)]


def test_fresh_makes_a_new_take_and_keeps_the_old(go, model, suite, ask_sql):
    path, one = suite(prompts=2), model("a")
    go(Asked(suites=(path,), models=(one,)))
    report = go(Asked(suites=(path,), models=(one,), choices=Choices(fresh=True)))
    assert report.generated == 4
    assert ask_sql("SELECT take, count(*) FROM outputs GROUP BY take ORDER BY take") == [
        (1, 4),
        (2, 4),
    ]
    assert ask_sql("SELECT take, count(*) FROM scores WHERE metric = 'latency' GROUP BY take") in (
        [(1, 4), (2, 4)],
        [(2, 4), (1, 4)],
    )


def test_settings_change_the_key_so_that_nothing_is_mixed_up(go, model, suite):
    path, one = suite(prompts=2), model("a")
    go(Asked(suites=(path,), models=(one,)))
    other = go(Asked(suites=(path,), models=(one,), choices=Choices(overrides={"steps": 4})))
    assert other.generated == 4


def test_statuses_are_kept_with_reasons_and_never_scored(go, model, suite, ask_sql):
    sick = model("sick", options={"refuse": 0.3, "nonfinite": 0.3})
    report = go(Asked(suites=(suite(prompts=12),), models=(sick,)))
    statuses = dict(ask_sql("SELECT status, count(*) FROM outputs GROUP BY ALL"))
    assert set(statuses) == {"ok", "refused", "nonfinite"}
    assert statuses == {str(s): n for s, n in report.statuses.items()}
    assert ask_sql("SELECT count(*) FROM attempts WHERE status != 'ok' AND reason = ''") == [(0,)]
    assert ask_sql("SELECT count(*) FROM scores WHERE metric = 'latency'") == [(statuses["ok"],)]
    assert go(Asked(suites=(suite(prompts=12),), models=(sick,))).generated == 0


def test_a_prompt_that_is_too_long_stays_so_until_it_is_asked_for_by_name(
    go, model, suite, ask_sql
):
    path, short = suite(prompts=2), model("short", options={"too_long": 1.0})
    asked = Asked(suites=(path,), models=(short,))
    assert [go(asked).generated for _ in range(2)] == [4, 0]
    assert ask_sql("SELECT DISTINCT status FROM outputs") == [("too_long",)]
    assert ask_sql("SELECT count(*) FROM scores") == [(0,)]
    again = replace(asked, choices=Choices(retry=frozenset({Status.TOO_LONG})))
    assert go(again).generated == 4


def test_retry_asks_again_for_a_final_status(go, model, suite):
    path, sick = suite(), model("sick", options={"refuse": 0.5})
    first = go(Asked(suites=(path,), models=(sick,)))
    retry = Choices(retry=frozenset({Status.REFUSED}))
    again = go(Asked(suites=(path,), models=(sick,), choices=retry))
    assert again.generated == first.statuses[Status.REFUSED] > 0


def test_failures_are_tried_again_up_to_a_limit(go, model, suite, ask_sql):
    asked = Asked(suites=(suite(prompts=2),), models=(model("broken", options={"fail": 1.0}),))
    assert [go(asked).generated for _ in range(4)] == [4, 4, 4, 0]
    assert ask_sql("SELECT max(attempt), count(*) FROM attempts") == [(3, 12)]


def test_a_healed_model_completes_its_take(go, model, suite, tmp_path, ask_sql):
    mended = tmp_path / "mended"
    sick = model("sick", options={"fail": 0.6}, placement={"healed_by": str(mended)})
    asked = Asked(suites=(suite(),), models=(sick,))
    first = go(asked)
    mended.touch()
    second = go(asked)
    assert second.generated == first.statuses[Status.FAILED] > 0
    assert ask_sql("SELECT status, count(*) FROM outputs GROUP BY ALL") == [("ok", 12)]


def test_a_model_that_cannot_load_does_not_stop_the_others(go, model, suite):
    bad = model("bad", options={"load_error": "no such weights"})
    report = go(Asked(suites=(suite(),), models=(bad, model("good"))))
    assert report.problems == {"bad": "no such weights"}
    assert report.statuses == {Status.OK: 12}


def test_a_crash_costs_one_job_and_the_rest_is_done(go, model, suite, tmp_path, ask_sql):
    fragile = model(
        "fragile", options={"crash_at": 5}, placement={"healed_by": str(tmp_path / "healed")}
    )
    report = go(Asked(suites=(suite(),), models=(fragile,)))
    assert report.statuses == {Status.OK: 11, Status.FAILED: 1}
    [(reason, prompt, seed)] = ask_sql("""
        SELECT a.reason, m.prompt_id, m.seed FROM attempts a JOIN members m USING (job_key)
        WHERE a.status = 'failed'
    """)
    assert "exit code 70" in reason
    assert (prompt, seed) == ("thing-number-2", 1)  # the sixth: not one answered before it


def test_a_model_that_always_crashes_is_given_up(go, model, suite):
    report = go(Asked(suites=(suite(),), models=(model("hopeless", options={"crash_at": 0}),)))
    assert "died 3 times in a row" in report.problems["hopeless"]
    assert report.statuses == {Status.FAILED: 3}


def test_a_hang_is_ended_at_the_deadline(go, model, suite, tmp_path):
    stuck = model(
        "stuck", options={"hang_at": 3}, placement={"healed_by": str(tmp_path / "healed")}
    )
    report = go(Asked(suites=(suite(prompts=3),), models=(stuck,)), deadline_s=5.0)
    assert report.statuses == {Status.OK: 5, Status.TIMEOUT: 1}


def test_a_truncated_picture_is_told_and_made_again(go, model, suite, store, ask_sql):
    asked = Asked(suites=(suite(metrics=["latency"]),), models=(model("a"),))
    go(asked)
    [(sha256,)] = ask_sql("SELECT min(sha256) FROM artifacts")
    picture = path_of(Store.open(store), sha256)
    whole = picture.read_bytes()
    picture.write_bytes(whole[:40])
    assert go(asked).generated == 1
    assert picture.read_bytes() == whole


def test_a_bit_flip_is_found_when_looking_and_mended_by_the_next_run(
    go, model, suite, store, ask_sql
):
    one = model("a")
    go(Asked(suites=(suite(metrics=["latency"]),), models=(one,)))
    [(sha256,)] = ask_sql("SELECT min(sha256) FROM artifacts")
    picture = path_of(Store.open(store), sha256)
    whole = picture.read_bytes()
    picture.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    asked = Asked(suites=(suite(),), models=(one,))
    go(asked)
    [(reason,)] = ask_sql("SELECT reason FROM scores WHERE status = 'failed'")
    assert sha256[:8] in reason
    mended = go(asked)
    assert (mended.generated, mended.scores) == (1, 2)  # its latency is a new one too
    assert picture.read_bytes() == whole
    assert ask_sql("SELECT count(*) FROM scores WHERE status != 'ok'") == [(0,)]


def test_text_answers_walk_the_same_way(go, model, suite, ask_sql):
    prompts = [{"text": f"{n} + 1", "target": str(n + 1)} for n in range(24)]
    path = suite("sums", modality="text", metrics=["exact_match"])
    Path(path).write_text(
        Path(path).read_text().split("prompts:")[0]
        + f"prompts: {prompts}\nprotocol: matched\nseeds: 1\ntitle: Sums\nversion: 1\n"
    )
    one = model("calculator", modality="text", options={"wrong": 0.4})
    go(Asked(suites=(path,), models=(one,)))
    [(mean, n)] = ask_sql("SELECT avg(value), count(*) FROM scores")
    assert n == 24
    assert 0 < mean < 1
    assert ask_sql("SELECT count(*) FROM artifacts WHERE kind = 'text' AND text != ''") == [
        ask_sql("SELECT count(*) FROM artifacts")[0]
    ]


def test_prompts_without_yaml(go, model, tmp_path):
    (tmp_path / "my.txt").write_text("a red star\na blue fish\n")
    report = go(Asked(prompts=tmp_path / "my.txt", models=(model("a"),), metrics=("latency",)))
    assert report.generated == 2


def test_a_set_metric_refuses_too_few(go, model, suite, ask_sql):
    path = suite(metrics=["kid[fake]"], reference="tinyworld:16")
    go(Asked(suites=(path,), models=(model("a"),)))
    [(value, reason, n)] = ask_sql("SELECT value, reason, n FROM set_scores")
    assert value is None
    assert n == 12
    assert "needed" in reason


def test_a_folder_of_pictures_is_a_reference(go, model, suite, tmp_path, ask_sql):
    go(Asked(suites=(suite("first"),), models=(model("a"),)))
    pictures = tmp_path / "photos"
    pictures.mkdir()
    for number, source in enumerate(sorted((tmp_path / "results/artifacts").rglob("*.png"))):
        (pictures / f"{number}.png").write_bytes(source.read_bytes())
    path = suite(metrics=["kid[fake]"], prompts=40, reference="folder:photos")
    go(Asked(suites=(path,), models=(model("a"),)))
    assert ask_sql("SELECT count(*) FROM reference_members") == [(12,)]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (Asked(), BadInputError, "Nothing to run"),
        (Asked(suites=("tinywrld",)), UnknownNameError, "Did you mean 'tinyworld'"),
        (Asked(suites=("tinyworld",), models=("tiny-bse",)), UnknownNameError, "tiny-base"),
        (Asked(suites=("tinyworld",), metrics=("fidd[fake]",)), UnknownNameError, "fid"),
    ],
)
def test_wrong_names_are_told_and_nothing_is_lost(go, asked, error, words):
    with pytest.raises(error, match=words):
        go(asked)


def test_two_runs_on_one_store_do_not_meet(go, model, suite, store):
    with Store.create(store).writing(), pytest.raises(StoreError, match=r"PID"):
        go(Asked(suites=(suite(),), models=(model("a"),)))


def test_limit_does_not_shrink_what_a_set_was_measured_on(go, model, suite, ask_sql):
    path = suite(prompts=40, metrics=["kid[fake]", "throughput"], reference="tinyworld:200")
    one = model("a")
    go(Asked(suites=(path,), models=(one,)))
    whole = ask_sql("SELECT metric, status, value, n FROM set_scores ORDER BY metric")
    assert [(status, n) for _, status, _, n in whole] == [("ok", 80), ("ok", 80)]
    go(Asked(suites=(path,), models=(one,), choices=Choices(limit=2)))
    assert ask_sql("SELECT metric, status, value, n FROM set_scores ORDER BY metric") == whole


def test_the_same_question_with_another_target_is_another_score(
    go, model, suite, ask_sql, monkeypatch
):
    # as a real model, which is not told what is right
    monkeypatch.setattr(fake, "ENTRY", replace(fake.ENTRY, reads="inputs"))
    one = model("parrot", modality="text", options={"table": {"2+2": "4"}})
    text = {"modality": "text", "metrics": ["exact_match"], "seeds": 1}
    right = suite("right", **{**text, "prompts": [{"text": "2+2", "target": "4"}]})
    wrong = suite("wrong", **{**text, "prompts": [{"text": "2+2", "target": "5"}]})
    go(Asked(suites=(right,), models=(one,)))
    assert go(Asked(suites=(wrong,), models=(one,))).generated == 0
    assert sorted(value for (value,) in ask_sql("SELECT value FROM scores")) == [0.0, 1.0]


def test_an_answer_made_again_is_scored_again(go, model, suite, ask_sql):
    path, one = suite(metrics=["latency"]), model("a")
    go(Asked(suites=(path,), models=(one,)))
    again = go(Asked(suites=(path,), models=(one,), choices=Choices(retry=frozenset({Status.OK}))))
    assert (again.generated, again.scores) == (12, 12)
    query = """
        SELECT count(*) FROM scores s JOIN outputs o USING (job_key, take)
        WHERE s.value = o.duration_s AND o.attempt = 2
    """
    assert ask_sql(query) == [(12,)]


def test_fresh_after_a_failed_fresh_erases_no_attempt(go, model, suite, tmp_path, ask_sql):
    mended = tmp_path / "mended"
    mended.touch()
    sick = model("sick", options={"fail": 1.0}, placement={"healed_by": str(mended)})
    path = suite(prompts=2, metrics=["latency"])
    go(Asked(suites=(path,), models=(sick,)))
    mended.unlink()
    fresh = Asked(suites=(path,), models=(sick,), choices=Choices(fresh=True))
    go(fresh)
    go(fresh)
    assert ask_sql("SELECT take, count(*) FROM attempts GROUP BY take ORDER BY take") == [
        (1, 4),
        (2, 4),
        (3, 4),
    ]


def test_a_missing_reference_folder_costs_only_its_own_metrics(go, model, suite, ask_sql):
    path = suite(metrics=["kid[fake]", "latency"], reference="folder:./nothing")
    report = go(Asked(suites=(path,), models=(model("a"),)))
    assert "nothing" in report.problems["reference of pictures"]
    assert ask_sql("SELECT metric, count(*) FROM scores GROUP BY ALL") == [("latency", 12)]


def test_a_reference_cut_short_is_never_taken_for_whole(
    go, model, suite, tmp_path, monkeypatch, ask_sql
):
    folder = tmp_path / "photos"
    folder.mkdir()
    good = next(iter(_pictures(go, model, suite, tmp_path)))
    for number in range(5):
        (folder / f"{number}.png").write_bytes(good if number < 3 else b"no picture")
    path = suite("second", metrics=["kid[fake]"], prompts=40, reference="folder:photos")
    report = go(Asked(suites=(path,), models=(model("a"),)))
    assert "3.png" in report.problems["fake"]
    assert ask_sql("SELECT count(*) FROM reference_members") == [(0,)]
    [(value, reason)] = ask_sql("SELECT value, reason FROM set_scores WHERE metric LIKE 'kid%'")
    assert value is None
    assert reason


def _pictures(go, model, suite, tmp_path):
    go(Asked(suites=(suite("first"),), models=(model("a"),)))
    return [path.read_bytes() for path in (tmp_path / "results/artifacts").rglob("*.png")]


def test_a_model_of_another_modality_is_told_before_anything_is_made(go, model, suite):
    report = go(Asked(suites=(suite(),), models=(model("writer", modality="text"), model("a"))))
    assert "answers with text" in report.problems["writer"]
    assert report.generated == 12


@pytest.mark.parametrize(
    ("prices", "expected"), [((8, 2), 0.002), ((2, 8), 0.008), ((8, None), None)]
)
def test_an_answer_costs_the_newest_price(go, model, suite, store, ask_sql, prices, expected):
    path = suite(prompts=1, seeds=1, metrics=["latency"])
    for name, price in zip("ab", prices, strict=True):  # one specification under two names
        go(Asked(suites=(path,), models=(model(name, price_per_1000=price),)))
    known = Known(Store.open(store))
    ((key,),) = ask_sql("SELECT job_key FROM jobs")
    assert known.finished_outputs([key])[key].cost == expected
    known.close()


def test_a_new_price_is_a_new_score_of_the_same_output(go, model, suite, ask_sql):
    path = suite(prompts=1, seeds=1, metrics=["cost", "latency"])
    for price in (8, 2):
        report = go(Asked(suites=(path,), models=(model("a", price_per_1000=price),)))
    assert (report.generated, report.scores) == (0, 1)
    assert ask_sql("SELECT value FROM scores WHERE metric = 'cost'") == [(0.002,)]


def test_the_record_says_which_run_first_planned_a_job(go, model, suite, ask_sql):
    asked = suite()
    first = go(Asked(suites=(asked,), models=(model("a"),)))
    second = go(Asked(suites=(asked,), models=(model("a"), model("b"))))
    rows = ask_sql("SELECT DISTINCT model, run FROM members ORDER BY model")
    assert rows == [("a", first.run), ("b", second.run)]
