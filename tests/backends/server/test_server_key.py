from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from evalharness.backends.server.choices import Choices
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json, Model
from evalharness.core.outcomes import Status
from evalharness.runner.run import run_asked
from evalharness.servers.secret import Secret
from tests.backends.server.asked import ask, ask_one, served, text_of
from tests.backends.server.conftest import Question
from tests.backends.server.stub import Call, Made, Stub, said, wrong

KEY = "sk-Zq7/hunter2+hunter2"
PLACEMENT: dict[str, Json] = {"key_env": "TINY_KEY"}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", f" {KEY}\n")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def gossip(call: Call) -> Made:
    """Repeats the key wherever it can."""
    heard = call.headers["Authorization"].removeprefix("Bearer ")
    escaped = heard.replace("/", r"\/").replace("+", r"\u002b").encode()
    reply = said(f"your key is {heard}", f"odd {heard}")
    ways = {
        "asked-0": Made(wrong(f"{heard} is odd", code=heard), 400),
        "asked-1": Made(b"<html><title>" + heard.encode()),
        "asked-2": Made(f"not json {heard}".encode()),
        "asked-3": Made(said(None, refusal=f"not for {heard}")),
        "asked-4": Made(wrong(heard), 400 if call.number > 1 else 500),
        "asked-5": Made(b'{"error": {"message": "' + escaped + b'"}}', 418),
        "asked-6": Made({"choices": heard}),
    }
    answer = Made({**reply, "model": heard, "system_fingerprint": heard})
    return ways.get(call.asked, answer)


def everything(store: Path) -> Iterator[tuple[Path, str]]:
    """All that a store holds as text: compressed tables read, all other bytes as they are."""
    for file in sorted(path for path in store.rglob("*") if path.is_file()):
        if file.suffix == ".parquet":
            yield file, str(pq.read_table(file).to_pylist())
        yield file, file.read_bytes().decode("latin-1")


def test_the_key_is_sent_and_stored_nowhere(tmp_path: Path, question: Question) -> None:
    with Stub(gossip) as stub:
        report = run_asked(
            "test", tmp_path / "store", question(stub.url, 9, placement=dict(PLACEMENT))
        )
    assert {call.headers["Authorization"] for call in stub.calls} == {f"Bearer {KEY}"}
    assert report.statuses[Status.OK] == 2
    looked_at = list(everything(tmp_path / "store"))
    assert any("your key is [key]" in text for _, text in looked_at)
    assert any("TINY_KEY" in text for _, text in looked_at)
    for file, text in looked_at:
        for part in (KEY, "hunter2"):
            assert part not in text, file
            assert part not in file.name
    assert "hunter2" not in str(report.problems)


def test_a_key_that_is_set_between_two_runs_is_found(
    tmp_path: Path, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stub(lambda _: Made(said("x"))) as stub:
        asked = question(stub.url, 1, placement={"key_env": "LATE_KEY"})
        without = run_asked("test", tmp_path / "store", asked)
        monkeypatch.setenv("LATE_KEY", KEY)
        report = run_asked("test", tmp_path / "store", asked)
    assert "LATE_KEY is not set" in without.problems["tiny"]
    assert (report.problems, report.generated) == ({}, 1)


@pytest.mark.parametrize(
    "made", [Made(wrong(f"wrong key {KEY}"), 401), Made(wrong(f"no model not found {KEY}"), 404)]
)
def test_errors_name_the_variable_and_never_the_key(made: Made) -> None:
    models = Made({"data": [{"id": f"model-of-{KEY}"}]})
    with Stub(lambda _: made, models) as stub, pytest.raises(BadInputError) as caught:
        ask(served(stub.url, placement=dict(PLACEMENT)))
    assert "[key]" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    if made.status == 401:
        assert "TINY_KEY" in str(caught.value)


def test_no_key_is_sent_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Stub(lambda _: said("x")) as stub:
        ask_one(stub.url)
    assert "Authorization" not in stub.calls[0].headers


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("TINY_KEY")
    else:
        monkeypatch.setenv("TINY_KEY", value)
    with Stub(lambda _: said("x")) as stub, pytest.raises(BadInputError, match="TINY_KEY is not"):
        ask(served(stub.url, placement=dict(PLACEMENT)))
    assert stub.calls == []


def test_openais_own_server_needs_its_own_variable() -> None:
    model = Model("m", "server", "https://api.openai.com/v1#gpt", modality="text")
    with pytest.raises(BadInputError, match="OPENAI_API_KEY is not set"):
        ask(model)


@pytest.mark.parametrize(
    "address", ["https://api.openai.com.evil.example/v1", "http://api.openai.com/v1"]
)
def test_openais_key_goes_to_openai_alone(address: str) -> None:
    model = Model("m", "server", f"{address}#gpt", modality="text")
    assert Choices.read(model).key_env is None


@pytest.mark.parametrize("value", ["two words", "a\nb-hunter2", "ключ"])
def test_a_key_that_cannot_be_sent_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TINY_KEY", value)
    with Stub(lambda _: said("x")) as stub, pytest.raises(BadInputError) as caught:
        ask(served(stub.url, placement=dict(PLACEMENT)))
    assert "TINY_KEY" in str(caught.value)
    assert value not in str(caught.value)


def test_a_word_that_stands_for_no_key_does_not_change_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TINY_KEY", "ollama")
    with Stub(lambda _: said("ollama is a program")) as stub:
        answer = ask_one(stub.url, **PLACEMENT)
    assert text_of(answer) == "ollama is a program"


def test_a_secret_does_not_show_itself() -> None:
    assert "hunter2" not in repr(Secret("TINY_KEY", KEY))
