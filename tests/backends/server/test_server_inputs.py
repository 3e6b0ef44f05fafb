"""Prompts with more than words: continuations, and pictures."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalharness.backends.server.backend import ServerBackend
from evalharness.backends.server.entry import ENTRY
from evalharness.backends.server.likelihoods import likelihood
from evalharness.core.nouns import InputPicture, Model, Prompt
from evalharness.core.outcomes import Answer, Likelihoods, Status
from evalharness.servers.replies import Echo
from tests.backends.server.asked import QUICK, jobs, served, text_of
from tests.backends.server.stub import Call, Made, Stub, said, wrong

PROMPT = Prompt("p", "The sky is", continuations=(" blue", " a fish", "land"))


def answer(model: Model, prompt: Prompt) -> Answer:
    (job,) = jobs(model, [prompt.text])
    with ServerBackend(model, ENTRY.resolve(model), QUICK) as backend:
        (found,) = backend.generate([replace(job, prompt=prompt)])
    return found


def pieces(text: str) -> list[str]:
    """Cut so that `island` is one token although `is` was one: words with their space before."""
    return [f" {word}" for word in text.split(" ")] if text else []


def log_of(token: str) -> float:
    return -float(len(token))


def echo(call: Call) -> Made:
    """As vLLM does: the tokens of the prompt and of one more, the first without a probability."""
    tokens = [*pieces(call.body["prompt"]), "!"]
    logs = [None, *map(log_of, tokens[1:])]
    tops = [None, *({"x": max(log_of(t), -5.0)} for t in tokens[1:])]
    told = {"tokens": tokens, "token_logprobs": logs, "top_logprobs": tops}
    return Made(
        {
            "model": "m",
            "choices": [{"text": call.body["prompt"] + "!", "logprobs": told}],
            "usage": {"prompt_tokens": len(tokens) - 1, "completion_tokens": 1},
        }
    )


def test_continuations_are_asked_by_echo_and_come_in_their_order() -> None:
    with Stub(echo) as stub:
        found = answer(served(stub.url), PROMPT)
    assert found.status is Status.OK, found.reason
    (media,) = found.media
    assert isinstance(media, Likelihoods)
    assert [(one.text, one.log, one.tokens, one.greedy) for one in media.of] == [
        (" blue", -5.0, 1, True),
        (" a fish", -2.0 - 5.0, 2, True),
        ("land", -7.0 + 3.0, 1, False),  # " island" in the place of " is"
    ]
    assert {call.path for call in stub.calls} == {"/v1/completions"}
    body = stub.calls[1].body
    assert body == {
        "model": "org/tiny",
        "prompt": "The sky is blue",
        "temperature": 0,
        "max_tokens": 1,
        "echo": True,
        "logprobs": 1,
        "stream": False,
    }
    assert any("without a chat template" in note for note in found.notes)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda reply: reply["choices"][0].update(logprobs=None),
        lambda reply: reply["choices"][0].update(text="!"),
        lambda reply: reply["choices"][0]["logprobs"].update(tokens=None),
        lambda reply: reply["choices"][0]["logprobs"]["tokens"].pop(),
        lambda reply: reply.update(usage={"prompt_tokens": 100, "completion_tokens": 1}),
    ],
)
def test_a_server_without_echo_fails_with_the_reason(spoil: Any) -> None:
    def script(call: Call) -> Made:
        made = echo(call)
        spoil(made.body)
        return made

    with Stub(script) as stub:
        found = answer(served(stub.url), PROMPT)
    assert (found.status, found.media) == (Status.FAILED, ())
    assert "gives no log-likelihoods" in found.reason
    assert "transformers" in found.reason


@pytest.mark.parametrize("value", [math.nan, None, -math.inf])
def test_log_likelihoods_that_are_no_numbers_have_their_status(value: float | None) -> None:
    def script(call: Call) -> Made:
        made = echo(call)
        made.body["choices"][0]["logprobs"]["token_logprobs"][-2] = value
        return made

    with Stub(script) as stub:
        found = answer(served(stub.url), PROMPT)
    assert (found.status, found.media) == (Status.NONFINITE, ())
    assert "not finite" in found.reason


def test_one_continuation_that_fails_fails_the_answer() -> None:
    def script(call: Call) -> Made:
        return Made(wrong("no"), 400) if "fish" in call.body["prompt"] else echo(call)

    with Stub(script) as stub:
        found = answer(served(stub.url), PROMPT)
    assert (found.status, found.reason) == (Status.FAILED, "HTTP 400: 'no'")


def test_without_a_common_start_everything_is_the_continuation() -> None:
    alone, whole = Echo(("a",), (-1.0,), None), Echo(("ab", "c"), (-2.0, -3.0), None)
    found = likelihood("bc", alone, whole)
    assert (found.log, found.tokens, found.greedy) == (-4.0, 2, None)


@pytest.fixture
def picture(tmp_path: Path) -> InputPicture:
    file = tmp_path / "cat.PNG"
    file.write_bytes(b"\x89PNG and so on")
    return InputPicture(hashlib.sha256(file.read_bytes()).hexdigest(), str(file))


def test_pictures_are_sent_in_the_chat_before_the_words(picture: InputPicture) -> None:
    with Stub(lambda _: said("a cat")) as stub:
        found = answer(served(stub.url), Prompt("p", "What is this?", images=(picture, picture)))
    assert text_of(found) == "a cat"
    first, second, words = stub.calls[0].body["messages"][0]["content"]
    data = base64.b64encode(b"\x89PNG and so on").decode()
    assert first == {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    assert (second, words) == (first, {"type": "text", "text": "What is this?"})


def test_pictures_that_cannot_be_sent_fail_their_job_alone(picture: InputPicture) -> None:
    prompt = Prompt("p", "What is this?", images=(picture,))
    with Stub(lambda _: said("a cat")) as stub:
        completed = answer(served(stub.url, api="completions"), prompt)
        likely = answer(served(stub.url), replace(prompt, continuations=("a", "b")))
        Path(picture.path).write_bytes(b"another")
        changed = answer(served(stub.url), prompt)
    assert {a.status for a in (completed, likely, changed)} == {Status.FAILED}
    assert "completions take no pictures" in completed.reason
    assert "no log-likelihoods after a picture" in likely.reason
    assert "bytes changed since" in changed.reason
    assert stub.calls == []
