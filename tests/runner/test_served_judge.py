"""A judge behind a server through a whole run: kept verdicts, lost ones asked again, no key."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalharness.deciding.judging import judge_models
from evalharness.runner.asked import Asked
from tests.backends.server.stub import MODEL, Call, Made, Stub, said, wrong

JUDGE = f"judge.grade[served_judge:{MODEL}]"
SECRET = "sk-a-key-that-is-long"
N = 12


@pytest.fixture
def asked(suite, model):
    prompts = [{"id": f"q{n}", "text": f"say answer-{n}", "target": f"t{n}"} for n in range(N)]
    written = suite(prompts=prompts, modality="text", seeds=1, metrics=["exact_match", JUDGE])
    models = (
        model("right", modality="text"),
        model("loud", modality="text", options={"answer": "upper"}),
    )
    return Asked(suites=(written,), models=models)


def of_q3(call: Call) -> bool:
    return "say answer-3\n" in call.asked


def test_what_the_server_lost_is_told_and_asked_again_and_the_rest_is_not(
    go, asked, ask_sql, store, monkeypatch
):
    down = {"q3": True}

    def reply(call: Call) -> Made:
        assert call.headers["Authorization"] == f"Bearer {SECRET}"
        if down["q3"] and of_q3(call):
            return Made(b"<html><title>Proxy error</title></html>")
        return Made(said(f"Fine. [[7]] ({SECRET})"))

    monkeypatch.setenv("EVALHARNESS_JUDGE_KEY", SECRET)
    with Stub(reply) as stub:
        monkeypatch.setenv("EVALHARNESS_JUDGE_URL", stub.url)
        first = go(asked)
        assert not first.problems
        assert len(stub.calls) == 2 * N
        failed = ask_sql(
            f"SELECT count(*), any_value(reason) FROM scores WHERE metric = '{JUDGE}' "
            "AND status = 'failed'"
        )
        assert failed[0][0] == 2
        assert "a web page" in failed[0][1]
        down["q3"] = False
        go(asked)
        assert len(stub.calls) == 2 * N + 2  # only what was lost is asked again
    assert ask_sql(
        f"SELECT status, count(*), avg(value) FROM scores WHERE metric = '{JUDGE}' GROUP BY ALL"
    ) == [("ok", 2 * N, 7.0)]
    [(detail, text)] = ask_sql("SELECT DISTINCT detail, text FROM features")
    assert f'"served": "{MODEL}, fingerprint fp_1"' in detail
    assert "[key]" in text
    files = [path for path in Path(store).rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_wrong_key_is_a_problem_of_the_judge_alone(go, asked, ask_sql, monkeypatch):
    with Stub(lambda _: Made(wrong("who are you?"), 401)) as stub:
        monkeypatch.setenv("EVALHARNESS_JUDGE_URL", stub.url)
        monkeypatch.setenv("EVALHARNESS_JUDGE_KEY", SECRET)
        report = go(asked)
        calls = len(stub.calls)
    (told,) = report.problems.values()
    assert "does not let us in with the key in EVALHARNESS_JUDGE_KEY" in told
    assert SECRET not in told
    assert calls <= 16
    # everything else is measured
    assert ask_sql(
        "SELECT count(*) FROM scores WHERE metric = 'exact_match' AND status = 'ok'"
    ) == [(2 * N,)]


def test_an_address_that_is_not_set_is_a_problem_of_the_judge_alone(go, asked, monkeypatch):
    monkeypatch.delenv("EVALHARNESS_JUDGE_URL", raising=False)
    report = go(asked)
    (told,) = report.problems.values()
    assert "EVALHARNESS_JUDGE_URL is not set" in told
    assert report.generated == 2 * N


def test_two_models_are_held_against_each_other_by_it(go, asked, store, monkeypatch):
    def reply(call: Call) -> Made:
        """Whoever shouts is better."""
        first = call.asked.partition("<<< ANSWER A\n")[2].partition("\n")[0]
        return Made(said(f"[[{'A' if first.isupper() else 'B'}]]"))

    with Stub(reply) as stub:
        monkeypatch.setenv("EVALHARNESS_JUDGE_URL", stub.url)
        go(asked)
        judge = f"served_judge:{MODEL}"
        (one,) = judge_models("pictures", judge, models=["loud", "right"], store=store).pairs
    assert (one.first, one.won, one.better) == ("loud", N, "first")
    assert one.consistent.value == 1.0
