from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from evalharness.backends.server.backend import ServerBackend
from evalharness.backends.server.entry import ENTRY
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.nouns import Json
from evalharness.core.outcomes import Answer, Status
from tests.backends.server.asked import QUICK, ask, ask_one, jobs, served, text_of
from tests.backends.server.stub import MODEL, Call, Made, Stub, said


def sent(stub: Stub) -> dict[str, Any]:
    (call,) = stub.calls
    return call.body


def echo(call: Call) -> dict[str, Any]:
    return said(f"{call.asked}!")


def test_every_job_is_answered_with_what_the_server_said() -> None:
    with Stub(echo) as stub:
        answers = ask(served(stub.url), "one", "two", "three")
    assert [text_of(a) for a in answers] == ["one!", "two!", "three!"]
    assert {a.status for a in answers} == {Status.OK}
    assert all(0 < a.duration_s < 5 and a.batch_size == 1 for a in answers)
    assert answers[0].device == stub.url.removeprefix("http://").removesuffix("/v1")


def test_a_chat_is_sent_with_the_jobs_seed_and_greedy_by_default() -> None:
    with Stub(echo) as stub:
        ask(served(stub.url, system="Be brief."), "hello")
    assert stub.calls[0].path == "/v1/chat/completions"
    assert sent(stub) == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello"},
        ],
        "max_tokens": 1024,
        "temperature": 0,
        "seed": 0,
        "stream": False,
    }


def test_a_completion_is_sent_as_it_is() -> None:
    def complete(call: Call) -> dict[str, Any]:
        return {"choices": [{"text": " world", "finish_reason": "stop"}]}

    with Stub(complete) as stub:
        (answer,) = ask(served(stub.url, api="completions"), "hello")
    assert stub.calls[0].path == "/v1/completions"
    assert (sent(stub)["prompt"], "messages" in sent(stub)) == ("hello", False)
    assert text_of(answer) == " world"


def test_settings_and_further_fields_are_sent_and_null_takes_one_out() -> None:
    settings: dict[str, Json] = {
        "max_new_tokens": 7,
        "temperature": None,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "repetition_penalty": 1.1,
        "stop": ["\n"],
    }
    with Stub(echo) as stub:
        ask(served(stub.url, settings=settings, body={"reasoning_effort": "low", "seed": None}))
    body = sent(stub)
    del body["model"], body["messages"], body["stream"]
    expected = {**settings, "max_tokens": 7, "reasoning_effort": "low"}
    del expected["max_new_tokens"], expected["temperature"]
    assert body == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_new_tokens", 0),
        ("max_new_tokens", True),
        ("temperature", "hot"),
        ("stop", []),
        ("stop", [""]),
        ("stop", 3),
    ],
)
def test_settings_that_mean_nothing_are_refused_before_anything_is_sent(
    name: str, value: Json
) -> None:
    with Stub(echo) as stub, pytest.raises(BadInputError, match=name):
        ask(served(stub.url, settings={name: value}))
    assert stub.calls == []


def test_an_unknown_setting_suggests_a_known_one() -> None:
    with Stub(echo) as stub, pytest.raises(UnknownNameError, match="'max_new_tokens'"):
        ask(served(stub.url, settings={"max_tokens": 5}))
    assert stub.calls == []


def test_the_backend_is_used_in_a_with_block() -> None:
    model = served("http://127.0.0.1:9/v1")
    with pytest.raises(BadInputError, match="`with` block"):
        next(ServerBackend(model, ENTRY.resolve(model)).generate(jobs(model, ["x"])))


@pytest.mark.parametrize(
    ("reply", "text", "notes"),
    [
        (said("cut", "length"), "cut", ["cut off at max_new_tokens"]),
        (said("", "stop"), "", []),
        (said(None, "stop"), "", []),
        (said("x", None), "x", []),
        (said("x", "tool_calls"), "x", ["finish_reason tool_calls"]),
        (
            said("", "length", reasoning_content="hm, let me think"),
            "",
            ["cut off at max_new_tokens", "16 characters of reasoning are not part of the answer"],
        ),
        (
            said([{"type": "thinking", "thinking": []}, {"type": "text", "text": "a"}]),
            "a",
            [],
        ),
        (said("lone \ud83d surrogate"), "lone \ud83d surrogate", []),
    ],
)
def test_what_counts_as_an_answer(reply: dict[str, Any], text: str, notes: list[str]) -> None:
    with Stub(lambda _: reply) as stub:
        answer = ask_one(stub.url)
    assert (answer.status, text_of(answer)) == (Status.OK, text)
    assert [n for n in answer.notes if "token" not in n or "cut" in n][:-1] == notes


def test_bytes_that_are_not_utf8_are_replaced_and_told() -> None:
    body = json.dumps(said("caf? au lait")).encode().replace(b"caf?", b"caf\xe9")
    with Stub(lambda _: Made(body)) as stub:
        answer = ask_one(stub.url)
    assert text_of(answer) == "caf\N{REPLACEMENT CHARACTER} au lait"
    assert any("not all of the reply was UTF-8" in note for note in answer.notes)


def test_prompts_with_lone_surrogates_arrive_as_they_are() -> None:
    with Stub(echo) as stub:
        answer = ask_one(stub.url, "odd \udc80 text \N{PILE OF POO}")
    assert stub.calls[0].asked == "odd \udc80 text \N{PILE OF POO}"
    assert text_of(answer) == "odd \udc80 text \N{PILE OF POO}!"


def test_an_answer_of_a_million_tokens_comes_whole() -> None:
    long = "word " * 1_000_000
    with Stub(lambda _: said(long)) as stub:
        assert text_of(ask_one(stub.url)) == long


@pytest.mark.parametrize(
    ("revision", "note"),
    [
        (None, f"unpinned; the server says it is {MODEL}, fingerprint fp_1"),
        ("v2", f"the server says it is {MODEL}, fingerprint fp_1"),
    ],
)
def test_notes_say_what_the_server_says_it_serves(revision: str | None, note: str) -> None:
    with Stub(echo) as stub:
        (answer,) = ask(served(stub.url, revision=revision), "x")
    assert note in answer.notes


def test_cost_is_tokens_times_price() -> None:
    with Stub(echo) as stub:
        answer = ask_one(stub.url, price_input=0.1, price_output=0.4)
        free = ask_one(stub.url)
    assert answer.cost == pytest.approx((10 * 0.1 + 5 * 0.4) / 1e6)
    assert free.cost is None


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "10"}, {"prompt_tokens": -1}, 3])
def test_without_counted_tokens_the_cost_is_unknown(usage: Any) -> None:
    with Stub(lambda _: {**said("x"), "usage": usage}) as stub:
        answer = ask_one(stub.url, price_input=0.1)
    assert (answer.status, answer.cost) == (Status.OK, None)


def test_a_negative_prompt_is_told_to_be_unused() -> None:
    with Stub(echo) as stub:
        model = ENTRY.settle(served(stub.url))
        with ServerBackend(model, ENTRY.resolve(model), QUICK) as backend:
            asked = [replace(job, negative="blurry") for job in jobs(model, ["x"])]
            (answer,) = backend.generate(asked)
    assert "servers take no negative prompt; it was not used" in answer.notes


def test_no_more_calls_than_asked_are_under_way() -> None:
    with Stub(lambda c: Made(echo(c), delay_s=0.02)) as stub:
        ask(served(stub.url, placement={"concurrency": 3}), *map(str, range(15)))
    assert stub.most_at_once == 3


def test_answers_come_as_each_is_done_and_a_slow_one_holds_up_none() -> None:
    slow = threading.Event()

    def script(call: Call) -> dict[str, Any]:
        if call.asked == "0":
            slow.wait(20)
        return echo(call)

    with Stub(script) as stub:
        model = ENTRY.settle(served(stub.url, placement={"concurrency": 2}))
        with ServerBackend(model, ENTRY.resolve(model), QUICK) as backend:
            coming = backend.generate(jobs(model, list("012345")))
            first = [next(coming).job_key for _ in range(5)]
            slow.set()
            last: list[Answer] = list(coming)
    assert first == [f"key-{i}" for i in range(1, 6)]
    assert [a.job_key for a in last] == ["key-0"]


def test_whoever_stops_listening_stops_the_asking() -> None:
    with Stub(echo) as stub:
        model = ENTRY.settle(served(stub.url, placement={"concurrency": 2}))
        with ServerBackend(model, ENTRY.resolve(model), QUICK) as backend:
            coming = backend.generate(jobs(model, list(map(str, range(500)))))
            next(coming)
            coming.close()  # type: ignore[attr-defined]
        asked = len(stub.calls)
    assert asked < 20


def test_a_slow_listener_bounds_what_is_asked_ahead() -> None:
    """Memory stays flat: one answer a worker, and as many that wait to be fetched."""
    concurrency = 3
    with Stub(echo) as stub:
        model = ENTRY.settle(served(stub.url, placement={"concurrency": concurrency}))
        with ServerBackend(model, ENTRY.resolve(model), QUICK) as backend:
            coming = backend.generate(jobs(model, list(map(str, range(200)))))
            next(coming)
            time.sleep(0.5)
            assert len(stub.calls) <= 1 + 2 * concurrency
            assert len(list(coming)) == 199
