"""Odd answers and broken models through a whole run: told, stored whole, and the others go on."""

from __future__ import annotations

import pytest
import torch

from evalharness.deciding.judging import judge_models
from evalharness.runner.asked import Asked
from tests.backends.server.stub import MODEL, Call, Made, Stub, said
from tests.backends.transformers import writers

ODD = {
    "empty": "",
    "blank": " \n\t",
    "huge": "word " * 1_000_000,
    "surrogates": "\ud800 yes \udfff",
    "controls": "yes\0\x1b[31m\u202e",
    "plain": "yes",
}
METRICS = [
    "exact_match",
    "normalised_match",
    "token_f1",
    "chrf.sentence",
    "length.words",
    "repetition",
    "judge.grade[fake_judge:noise=0]",
    "judge.win_rate[fake_judge:noise=0]",
    "semantic_similarity[fake]",
]


def odd(call: Call) -> Made:
    name = call.asked.rpartition(" ")[2]
    return Made(said(ODD.get(name, "never asked")))


@pytest.fixture
def served(suite, model):
    """Two servers' models and the six prompts that they answer oddly."""
    prompts = [{"id": name, "text": f"say {name}", "target": "yes"} for name in ODD]
    prompts.append({"id": "open", "text": "say it plain"})  # nobody says what is right
    written = suite(prompts=prompts, modality="text", seeds=1, metrics=METRICS)

    def ask(url: str) -> Asked:
        fields = {"backend": "server", "source": f"{url}#{MODEL}", "modality": "text"}
        models = (model("one", **fields), model("two", **fields, revision="again"))
        return Asked(suites=(written,), models=models)

    return ask


def test_odd_answers_are_stored_whole_measured_and_judged(go, served, ask_sql, store):
    with Stub(odd) as stub:
        report = go(served(stub.url))
    assert not report.problems
    assert report.statuses == {"ok": 2 * (len(ODD) + 1)}
    assert ask_sql("SELECT metric, reason FROM scores WHERE status = 'failed'") == []
    sizes = dict(ask_sql("SELECT left(text, 4), max(length(text)) FROM artifacts GROUP BY ALL"))
    assert sizes["word"] == 5_000_000
    assert ask_sql(
        "SELECT p.prompt_id, s.value FROM scores s JOIN members m USING (job_key) "
        "JOIN prompts p ON p.prompt_id = m.prompt_id AND p.suite = m.suite "
        "WHERE s.metric = 'semantic_similarity[fake]' AND s.status = 'ok' "
        "AND p.prompt_id IN ('empty', 'blank', 'plain') AND m.model = 'one' ORDER BY 1"
    ) == [("blank", 0.0), ("empty", 0.0), ("plain", pytest.approx(1.0))]
    # without a target there is nothing to say, and that is no 0
    assert ask_sql(
        "SELECT DISTINCT s.status FROM scores s JOIN members m USING (job_key) "
        "WHERE m.prompt_id = 'open' AND s.metric IN ('exact_match', 'semantic_similarity[fake]')"
    ) == [("not_applicable",)]
    (one,) = judge_models("pictures", "fake_judge:noise=0", store=store).pairs
    assert (one.identical, one.contests) == (len(ODD) + 1, len(ODD) + 1)


def nan_llama(folder) -> None:
    network = writers.llama(folder)
    with torch.no_grad():
        network.lm_head.weight[:] = float("nan")
    network.save_pretrained(folder)


def test_a_model_of_nan_and_prompts_too_long_leave_the_others_alone(
    go, suite, model, tmp_path, ask_sql
):
    writers.llama(tmp_path / "sound", chat=None)
    nan_llama(tmp_path / "broken")
    prompts = [
        {"id": "choice", "text": "a", "continuations": ["b", "c"], "target": "b"},
        {"id": "open", "text": "a", "continuations": ["b", "c"]},
        {"id": "long", "text": "x" * 500, "continuations": ["b", "c"], "target": "b"},
        {"id": "words", "text": "hello", "target": "b"},
        {"id": "many", "text": "x" * 500, "target": "b"},
    ]
    metrics = ["likelihood.correct", "exact_match"]
    written = suite(prompts=prompts, modality="text", seeds=1, metrics=metrics)
    models = [
        model(
            name,
            backend="transformers",
            source=str(tmp_path / name),
            modality="text",
            settings={"max_new_tokens": 4},
            placement={"device": "cpu"},
        )
        for name in ("broken", "sound")
    ]
    report = go(Asked(suites=(written,), models=tuple(models)))
    assert not report.problems
    found = {
        (name, prompt): (status, reason)
        for name, prompt, status, reason in ask_sql(
            "SELECT m.model, m.prompt_id, o.status, o.reason FROM members m "
            "JOIN outputs o USING (job_key)"
        )
    }
    assert {prompt: found["sound", prompt][0] for prompt in ("choice", "open", "words")} == {
        "choice": "ok",
        "open": "ok",
        "words": "ok",
    }
    for name in ("sound", "broken"):
        for prompt in ("long", "many"):
            status, reason = found[name, prompt]
            assert status == "too_long"
            assert "context" in reason
    assert found["broken", "choice"][0] == found["broken", "words"][0] == "nonfinite"
    assert "not numbers" in found["broken", "choice"][1]
    scores = ask_sql(
        "SELECT m.model, m.prompt_id, s.status FROM scores s JOIN members m USING (job_key) "
        "WHERE s.metric = 'likelihood.correct' ORDER BY ALL"
    )
    assert ("sound", "choice", "ok") in scores
    assert not [row for row in scores if row[0] == "broken"]  # no NaN, and no 0 in its place
