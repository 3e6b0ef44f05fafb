"""A judge behind a server: verdicts, refusals, and every way in which none comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError, LookingEndedError
from evalharness.core.judging import Asked
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Exchange, FeatureValue
from evalharness.extractors import served_judge_calls
from evalharness.extractors.served_judge import ENTRY, KEY, URL
from evalharness.extractors.served_judge_calls import ServedJudge
from evalharness.servers.patience import Patience
from tests.backends.server.stub import MODEL, Call, Made, Stub, said, wrong

QUICK = Patience(tries=3, timeouts=2, first_s=0.01, longest_s=0.05, total_s=10.0)
SECRET = "sk-a-key-that-is-long"


def instrument(**fields: Any) -> Instrument:
    return Instrument(f"served_judge:{MODEL}", "served_judge", MODEL, **fields)


def exchange(number: int, answer: str = "") -> Exchange:
    return Exchange(answer or f"answer-{number}", Asked("q", rival="r").written())


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[FeatureValue]]:
    def ask(stub: Stub, *exchanges: Exchange, **fields: Any) -> list[FeatureValue]:
        monkeypatch.setenv(URL, stub.url)
        chosen = instrument(**fields)
        with ServedJudge(chosen, ENTRY.resolve(chosen), QUICK) as extractor:
            return list(extractor.extract(exchanges or [exchange(0)]))

    monkeypatch.delenv(KEY, raising=False)
    return ask


def number_in(call: Call) -> int:
    return int(call.asked.partition("answer-")[2].split("\n")[0])


def test_verdicts_come_in_order_with_what_the_server_says_it_is(judge):
    with Stub(lambda call: said(f"[[{'AB'[number_in(call) % 2]}]]")) as stub:
        found = judge(stub, *(exchange(n) for n in range(20)))
        body = stub.calls[0].body
    assert [one.scalar for one in found] == [1.0, 0.0] * 10
    assert found[0].detail == {"served": f"{MODEL}, fingerprint fp_1", "tokens": [10, 5]}
    assert (body["model"], body["temperature"], body["max_tokens"]) == (MODEL, 0, 256)
    assert 1 < stub.most_at_once <= 8


def test_options_change_what_is_sent(judge):
    options = {"max_new_tokens": 9, "body": {"temperature": None, "reasoning_effort": "low"}}
    with Stub(lambda _: said("[[A]]")) as stub:
        judge(stub, options=options)
    (call,) = stub.calls
    assert "temperature" not in call.body
    assert (call.body["max_tokens"], call.body["reasoning_effort"]) == (9, "low")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (said("I would rather not."), "its words hold no verdict"),
        (said("well, as for", "length"), "cut off at max_new_tokens"),
        (said("", refusal="no"), "refused: refusal: 'no'"),
        (said("", "content_filter"), "filtered: finish_reason content_filter"),
        (Made(wrong("too long: maximum context length is 8"), 400), "too_long: "),
    ],
)
def test_what_is_no_verdict_is_kept_with_its_reason_and_not_asked_again(judge, reply, reason):
    with Stub(lambda _: reply) as stub:
        (found,) = judge(stub)
    assert found.scalar is None
    assert reason in found.reason
    assert found.looked  # a row of its own, read back by later runs
    assert len(stub.calls) == 1


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (Made(b"<html><title>Bad gateway</title></html>"), "a web page"),
        (Made(b"<html><title>Down</title></html>", 502), "HTTP 502"),
        (Made(said("[[A]]"), cut=20), "the reply broke off"),
        (Made(b""), "an empty reply"),
        (Made({"choices": []}), "no answer in the reply"),
    ],
)
def test_what_no_reply_came_to_is_told_and_asked_again_by_the_next_run(judge, made, reason):
    script = {1: made}
    with Stub(lambda call: script.get(number_in(call), said("[[A]]"))) as stub:
        found = judge(stub, exchange(0), exchange(1), exchange(2))
    assert [one.scalar for one in found] == [1.0, None, 1.0]
    assert reason in found[1].reason
    assert not found[1].looked


def test_a_server_that_stalls_is_given_up_with_a_reason(judge, monkeypatch):
    reach = served_judge_calls.reach_of
    monkeypatch.setattr(served_judge_calls, "reach_of", lambda i: replace(reach(i), timeout_s=0.2))
    with Stub(lambda _: Made(said("[[A]]"), stall_s=2.0)) as stub:
        (found,) = judge(stub)
    assert found.reason.startswith("timeout: no whole reply within 0.2 s")
    assert not found.looked


def test_a_429_waits_as_long_as_it_is_asked_to(judge):
    def busy(call: Call) -> Made:
        if call.number == 1:
            return Made(wrong("slow down"), 429, {"Retry-After": "0.3"})
        return Made(said("[[B]]"))

    with Stub(busy) as stub:
        (found,) = judge(stub)
    assert found.scalar == 0.0
    assert len(stub.calls) == 2


def test_the_key_is_sent_and_shows_itself_nowhere(judge, monkeypatch):
    with Stub(lambda call: said(f"[[A]] {call.headers['Authorization']}")) as stub:
        monkeypatch.setenv(KEY, SECRET)
        (found,) = judge(stub)
    assert stub.calls[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert found.scalar == 1.0
    assert SECRET not in json.dumps([found.text, found.detail, found.reason])


def test_a_wrong_key_ends_it_and_keeps_what_came_before(monkeypatch):
    def shut(call: Call) -> Made:
        return Made(said("[[A]]")) if number_in(call) == 0 else Made(wrong("who?"), 401)

    with Stub(shut) as stub:
        monkeypatch.setenv(URL, stub.url)
        monkeypatch.setenv(KEY, SECRET)
        with ServedJudge(instrument(), ENTRY.resolve(instrument()), QUICK) as extractor:
            (first,) = extractor.extract([exchange(0)])
            both = extractor.extract([exchange(0), *(exchange(n) for n in range(1, 30))])
            calls = len(stub.calls)
            with pytest.raises(LookingEndedError, match=KEY) as caught:
                extractor.extract([exchange(31)])
    assert first.scalar == both[0].scalar == 1.0
    assert not both[-1].looked
    assert "does not let us in" in both[-1].reason
    assert len(stub.calls) == calls < 20  # nobody is asked thirty times with a wrong key
    assert SECRET not in str(caught.value)


def test_lone_surrogates_and_long_answers_are_sent_as_they_are(judge):
    with Stub(lambda _: said("[[A]]")) as stub:
        found = judge(stub, exchange(0, "odd \ud800 one"), exchange(1, "word " * 400_000))
    assert [one.scalar for one in found] == [1.0, 1.0]
    assert max(len(call.asked) for call in stub.calls) > 2_000_000
    assert any("\ud800" in call.asked for call in stub.calls)


def test_addresses_and_models_are_checked_before_anybody_is_asked(monkeypatch):
    monkeypatch.delenv(URL, raising=False)
    with pytest.raises(BadInputError, match=f"{URL} is not set"):
        ENTRY.resolve(instrument())
    monkeypatch.setenv(URL, "http://me:secret@127.0.0.1/v1")
    with pytest.raises(BadInputError, match="user name or a password") as caught:
        ENTRY.resolve(instrument())
    assert "me:secret" not in str(caught.value)
    for body in ({"api_key": "x"}, {"messages": []}, "text"):
        with pytest.raises(BadInputError, match="body"):
            ENTRY.resolve(instrument(options={"body": body}))


def test_the_identity_is_the_model_on_its_server_or_a_word_of_ones_own(monkeypatch):
    monkeypatch.setenv(URL, "http://127.0.0.1:1/v1")
    here = ENTRY.resolve(instrument()).revision
    monkeypatch.setenv(URL, "http://127.0.0.1:2/v1")
    there = ENTRY.resolve(instrument()).revision
    assert here.startswith("unpinned:") and here != there
    monkeypatch.delenv(URL)  # what is kept can be read without the server
    pinned = load_instrument(f"served_judge:{MODEL}@2026-11")
    assert ENTRY.resolve(pinned).revision == f"{MODEL}@2026-11"


def test_nobody_there_is_told_once(judge):
    with Stub(lambda _: said("[[A]]")) as stub:
        pass
    with pytest.raises(BadInputError, match="No server answers"):
        judge(stub)
