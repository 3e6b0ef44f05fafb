from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.run import run_asked
from tests.backends.server.conftest import Question
from tests.backends.server.stub import Call, Made, Stub, said, wrong
from tests.benchmarks.kills import _durable as durable


def rows(store: Path, query: str) -> list[tuple[object, ...]]:
    connection = connect(Store.open(store))
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_run_stores_scores_statuses_and_costs(tmp_path: Path, question: Question) -> None:
    def script(call: Call) -> Made:
        if call.asked == "asked-1":
            return Made(wrong("no", code="content_policy_violation"), 400)
        if call.asked == "asked-2" and call.number == 1:
            return Made(wrong("busy"), 503, {"Retry-After": "0"})
        return Made(said(call.asked))

    with Stub(script) as stub:
        asked = question(stub.url, placement={"price_input": 100, "price_output": 200})
        report = run_asked("test", tmp_path / "store", asked)
        assert report.problems == {}
        first = len(stub.calls)
        again = run_asked("test", tmp_path / "store", asked)
    assert (first, len(stub.calls), again.generated) == (7, 7, 0)
    found = dict(rows(tmp_path / "store", "SELECT status, count(*) FROM outputs GROUP BY status"))
    assert found == {"ok": 5, "refused": 1}
    scores = "SELECT metric, avg(value) FROM scores WHERE status = 'ok' GROUP BY metric"
    means = dict(rows(tmp_path / "store", scores))
    assert means["exact_match"] == 1
    assert means["cost"] == 10 * 100 / 1e6 + 5 * 200 / 1e6
    notes = rows(tmp_path / "store", "SELECT notes FROM attempts WHERE notes LIKE '%503%'")
    assert len(notes) == 1


def test_a_wrong_key_ends_one_model_and_not_the_run(tmp_path: Path, question: Question) -> None:
    with Stub(lambda _: Made(wrong("bad key"), 401)) as stub:
        report = run_asked("test", tmp_path / "store", question(stub.url, prompts=30))
    assert "does not let us in" in report.problems["tiny"]
    assert report.generated == 0


@pytest.mark.slow
def test_a_killed_run_asks_nothing_again_that_was_stored(
    tmp_path: Path, question: Question
) -> None:
    prompts, concurrency, store = 60, 4, tmp_path / "store"
    with Stub(lambda call: Made(said(call.asked), delay_s=0.05)) as stub:
        asked = question(stub.url, prompts, placement={"concurrency": concurrency})
        command = [sys.executable, "-m", "evalharness", "run", *asked.suites]
        command += ["--models", *asked.models, "--store", str(store)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while len(stub.calls) < prompts // 2 and time.monotonic() < deadline:
                time.sleep(0.01)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        time.sleep(1)  # the child ends with its parent, and the server's last calls with it
        kept, before = durable(store), len(stub.calls)
        report = run_asked("test", store, asked)
        asked_again = len(stub.calls) - before
    assert 0 < kept < prompts
    assert asked_again == prompts - kept == report.generated
    assert rows(store, "SELECT count(*), count(DISTINCT job_key) FROM outputs") == [(60, 60)]
    # what was under way, what waited to be fetched, what waited to be written
    assert before - kept <= 2 * concurrency + 16
