"""Judged answers from suite to scores: orders, refusals, biases that are programmed."""

from __future__ import annotations

from evalharness.runner.asked import Asked

N = 120


def judged_suite(suite, instrument: str) -> str:
    prompts = [
        {
            "id": f"q{n}",
            "text": f"What is {n} + 1?",
            "target": f"{n + 1}",
            "checks": {"rival": f"It may well be {n + 7}, or so they say"},
        }
        for n in range(N)
    ]
    kinds = ("win_rate", "consistency", "win_rate_at_equal_length", "longer_wins", "grade")
    metrics = [f"judge.{kind}[{instrument}]" for kind in kinds]
    return suite(prompts=prompts, modality="text", seeds=1, metrics=metrics)


def values(ask_sql) -> dict[str, float]:
    found = dict(ask_sql("SELECT metric, avg(value) FROM scores WHERE status = 'ok' GROUP BY ALL"))
    found |= dict(ask_sql("SELECT metric, value FROM set_scores WHERE status = 'ok'"))
    return {name.partition("[")[0].removeprefix("judge."): value for name, value in found.items()}


def test_a_fair_judge_prefers_right_answers_and_agrees_with_itself(go, model, suite, ask_sql):
    asked = judged_suite(suite, "fake_judge:noise=0")
    report = go(Asked(suites=(asked,), models=(model("right", modality="text"),)))
    assert not report.problems
    found = values(ask_sql)
    assert found["win_rate"] == 1.0
    assert found["consistency"] == 1.0
    assert found["grade"] > 6
    again = go(Asked(suites=(asked,), models=(model("right", modality="text"),)))
    assert (again.features, again.scores) == (0, 0)  # verdicts are kept


def test_a_judge_that_looks_at_places_disagrees_with_itself(go, model, suite, ask_sql):
    asked = judged_suite(suite, "fake_judge:noise=0,place=0.5")
    go(Asked(suites=(asked,), models=(model("right", modality="text"),)))
    found = values(ask_sql)
    # the right answer in the first place wins either way; in the second it loses half of the time
    assert 0.35 < found["consistency"] < 0.65
    assert 0.65 < found["win_rate"] < 0.85


def test_a_judge_that_likes_length_is_found_out(go, model, suite, ask_sql):
    asked = judged_suite(suite, "fake_judge:noise=0,length=10")
    go(Asked(suites=(asked,), models=(model("right", modality="text"),)))
    found = values(ask_sql)
    assert found["win_rate"] < 0.1
    assert found["longer_wins"] > 0.9


def test_refusals_are_unscored_and_told(go, model, suite, ask_sql):
    asked = judged_suite(suite, "fake_judge:noise=0,refuse=0.2")
    go(Asked(suites=(asked,), models=(model("right", modality="text"),)))
    told = ask_sql("""
        SELECT status, reason, count(*) > 0 FROM scores WHERE metric LIKE 'judge.grade%'
        GROUP BY ALL ORDER BY status
    """)
    assert told == [("failed", "the extractor gave no grade", True), ("ok", "", True)]
    assert ask_sql("SELECT avg(value) FROM scores WHERE metric LIKE 'judge.win_rate[%'") == [(1.0,)]
