"""Takes and runs of one model held against each other: a server whose model was exchanged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import VoteRow
from evalharness.ledger.store import Store
from tests.backends.server.stub import MODEL, Call, Stub, said

N = 24
JUDGE = "fake_judge:noise=0"
TAKES = ["served@take1", "served@take2"]


@dataclass(frozen=True)
class Served:
    store: Path
    runs: tuple[str, ...]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """`served` is right in its first take and wrong on two prompts of three in its second; `plain`
    is wrong on half.
    """
    folder = tmp_path_factory.mktemp("served")
    prompts = [{"id": f"q{n:02}", "text": f"What is {n} + 1?", "target": f"it is {n + 1}"}
               for n in range(N)]  # fmt: skip
    (folder / "sums.jsonl").write_text("".join(json.dumps(one) + "\n" for one in prompts))
    squeezed = {"now": False}

    def answer(call: Call) -> dict[str, Any]:
        n = int(re.findall(r"[0-9]+", call.asked)[0])
        lost = squeezed["now"] and n % 3
        return said(f"well, {n} was it" if lost else f"it is {n + 1}")

    with Stub(answer) as stub:
        table = {f"What is {n} + 1?": "nobody knows" for n in range(0, N, 2)}
        models = [
            {"name": "served", "backend": "server", "source": f"{stub.url}#{MODEL}",
             "modality": "text", "revision": "a-word"},
            {"name": "plain", "backend": "fake", "modality": "text", "options": {"table": table}},
        ]  # fmt: skip
        (folder / "models.yaml").write_text(json.dumps(models))  # YAML, too
        for fresh in (False, True):
            squeezed["now"] = fresh
            evalharness.run(
                prompts=folder / "sums.jsonl",
                models=str(folder / "models.yaml"),
                metrics=["exact_match"],
                seeds=(0,),
                fresh=fresh,
                store=folder / "store",
            )
    found = ask_sql(folder / "store", "SELECT run FROM outputs GROUP BY run ORDER BY min(made_at)")
    return Served(folder / "store", tuple(run for (run,) in found))


def ask_sql(store: Path, query: str) -> list[tuple[Any, ...]]:
    connection = connect(Store.open(store))
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_model_that_got_worse_between_two_takes_is_found_out(served: Served) -> None:
    found = evalharness.judge("sums", JUDGE, models=TAKES, store=served.store)
    (one,) = found.pairs
    assert (one.first, one.second) == tuple(TAKES)
    assert one.better == "first"
    assert (one.won, one.lost, one.identical) == (2 * N / 3, 0, N / 3)
    assert one.rate.value == pytest.approx((2 * N / 3 + N / 6) / N)
    assert one.consistent.value == 1.0
    assert one.rate.prompts == N


def test_a_run_stands_for_its_answers_and_costs_no_second_asking(served: Served) -> None:
    by_take = evalharness.judge("sums", JUDGE, models=TAKES, store=served.store)
    asked = ask_sql(served.store, "SELECT count(*) FROM features WHERE kind = 'exchange'")
    first, second = served.runs
    names = [f"served@run:{second}", f"served@run:{first}"]
    by_run = evalharness.judge("sums", JUDGE, models=names, store=served.store)
    assert ask_sql(served.store, "SELECT count(*) FROM features WHERE kind = 'exchange'") == asked
    (one,), (other,) = by_take.pairs, by_run.pairs
    assert (other.first, other.better) == (names[0], "second")
    assert other.rate.value == pytest.approx(1 - one.rate.value)
    assert other.p == one.p


def test_takes_and_models_stand_on_one_scale(served: Served) -> None:
    command = ["judge", "sums", JUDGE, "--models", ",".join([*TAKES, "plain"]),
               "--store", str(served.store), "--format", "markdown"]  # fmt: skip
    done = CliRunner().invoke(_application(command), command)
    assert done.exit_code == 0, done.output
    told = done.output.replace("\\", "").replace("\u2060", "")
    assert "served@take1 is judged better than served@take2 in 83 %" in told
    assert "served@take2 – plain" in told
    assert "All of them on one scale" in told


def test_a_vote_is_held_against_the_take_that_it_was_about(served: Served) -> None:
    [(suite, variant, job, other_variant, other)] = ask_sql(
        served.store,
        """SELECT s.suite, s.variant, s.job_key, p.variant, p.job_key
           FROM members s JOIN members p ON p.prompt_id = s.prompt_id
           WHERE s.prompt_id = 'q02' AND s.model = 'served' AND p.model = 'plain'""",
    )
    # nobody knows in plain's answer: the first take is right, the second wrong and as good as it
    rows = [
        VoteRow(
            run="votes", made_at=datetime(2026, 3, 1), vote=f"v{take}", suite=suite,
            prompt_id="q02", seed=0, left_model="served", left_variant=variant, left_job=job,
            left_take=take, right_model="plain", right_variant=other_variant, right_job=other,
            right_take=2, choice=choice, voter="me",
        )
        for take, choice in ((1, "left"), (2, "right"))
    ]  # fmt: skip
    [(first, second)] = ask_sql(
        served.store,
        f"SELECT min(take), max(take) FROM outputs WHERE job_key = '{job}'",
    )
    assert (first, second) == (1, 2)
    opened = Store.open(served.store)
    Journal(opened, "votes").write(rows)
    with Ingester(opened) as ingester:
        ingester.ingest()
        ingester.publish()
    one = evalharness.judge("sums", JUDGE, models=["served@take1", "plain"], store=served.store)
    assert (one.people.votes, one.people.value) == (1, 1.0)
    # whatever order they are named in, both votes find the take that they were about
    for names in ([*TAKES, "plain"], [*reversed(TAKES), "plain"]):
        both = evalharness.judge("sums", JUDGE, models=names, store=served.store)
        assert both.people.votes == 2


def test_what_is_no_side_is_told(served: Served) -> None:
    def judge(*names: str) -> None:
        evalharness.judge("sums", JUDGE, models=names, store=served.store)

    with pytest.raises(UnknownNameError, match="no take 7 of served; takes: 1, 2"):
        judge("served@take7", "plain")
    with pytest.raises(UnknownNameError, match="run that made outputs of served"):
        judge("served@run:never", "plain")
    with pytest.raises(BadInputError, match=r"expected MODEL, MODEL@take2"):
        judge("served@first", "plain")
    with pytest.raises(BadInputError, match=r"two takes of one: --models .*@take1,.*@take2"):
        judge("served@take1", "served@take1")
