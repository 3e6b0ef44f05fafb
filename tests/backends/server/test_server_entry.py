from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evalharness.backends.server.entry import ENTRY
from evalharness.catalog.models import load_model
from evalharness.catalog.registry import backend
from evalharness.core.errors import BadInputError, HarnessError, UnknownNameError
from evalharness.core.keys import model_digest
from evalharness.core.nouns import Adapter, Json, Model
from tests.backends.server.asked import served

URL = "http://127.0.0.1:9/v1"
DIGEST = "sha256:" + "0" * 64


def identity(model: Model) -> str:
    model = ENTRY.settle(model)
    return model_digest(model, ENTRY.resolve(model))


def test_the_registry_knows_it() -> None:
    assert backend("server") is ENTRY


def test_planning_imports_no_client_and_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "import sys; from evalharness.catalog.registry import backend",
        "from evalharness.core.nouns import Model",
        f"m = Model('m', 'server', '{URL}#m', modality='text')",
        "entry = backend('server'); print(entry.resolve(entry.settle(m)).location)",
        "assert not {'httpx', 'torch'} & set(sys.modules), sorted(sys.modules)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, URL), done.stderr

    def refuse(*_: object) -> None:
        raise AssertionError("a plan must not touch the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    identity(served("https://nowhere.example/v1"))


@pytest.mark.parametrize(
    "options", [{"api": "completions"}, {"system": "Be brief."}, {"body": {"top_logprobs": 1}}]
)
def test_what_changes_answers_changes_the_identity(options: dict[str, Json]) -> None:
    assert identity(served(URL, **options)) != identity(served(URL))


def test_where_and_how_it_runs_does_not() -> None:
    placement: dict[str, Json] = {
        "concurrency": 64,
        "timeout_s": 5,
        "connect_timeout_s": 1,
        "key_env": "MY_KEY",
        "price_input": 0.1,
        "price_output": 0.4,
    }
    assert identity(served(URL, placement=placement)) == identity(served(URL))


def test_one_address_written_in_two_ways_is_one_model() -> None:
    assert identity(served("HTTP://127.0.0.1:9/v1/")) == identity(served(URL))


def test_another_address_is_another_model_unless_the_content_is_known() -> None:
    assert identity(served("http://127.0.0.1:8/v1")) != identity(served(URL))
    known, moved = (served(url, revision=DIGEST) for url in (URL, "http://127.0.0.1:8/v1"))
    assert identity(known) == identity(moved)


def test_the_revision_is_the_users_word_or_says_that_there_is_none() -> None:
    assert ENTRY.resolve(served(URL, revision="2026-11-01")).revision == "2026-11-01"
    unpinned = ENTRY.resolve(served(URL)).revision
    assert unpinned.startswith("unpinned:")
    assert unpinned != ENTRY.resolve(served("http://127.0.0.1:8/v1")).revision


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (replace(served(URL), modality="image"), "modality: text"),
        (replace(served(URL), adapters=(Adapter("./lora"),)), "adapters"),
        (served(URL, revision="sha256:abc"), "64 hexadecimal digits"),
        (served(URL, api="responses"), "one of chat, completions"),
        (served(URL, api="completions", system="x"), "completions have no system prompt"),
        (served(URL, body={"stream": True}), "other fields than"),
        (served(URL, placement={"concurrency": 0}), "a whole number of at least 1"),
        (served(URL, placement={"timeout_s": 0}), "seconds, above 0"),
        (served(URL, placement={"timeout_s": 5000}), "from 0 to 1200"),
        (served(URL, placement={"price_input": -1}), "a number"),
    ],
)
def test_wrong_choices_are_found_while_planning(model: Model, told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        ENTRY.resolve(model)
    assert told in str(caught.value)


def test_unknown_choices_suggest_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="'key_env'"):
        ENTRY.resolve(served(URL, placement={"key": "hunter2hunter2"}))
    with pytest.raises(UnknownNameError, match="'system'"):
        ENTRY.resolve(served(URL, systen="x"))


@pytest.mark.parametrize(
    "model",
    [
        served(URL, placement={"key_env": "sk-hunter2hunter2"}),
        served(URL, placement={"key": "hunter2hunter2"}),
        served(URL, body={"api_key": "hunter2hunter2"}),
        served(URL, body={"Authorization": "hunter2hunter2"}),
    ],
)
def test_a_key_in_a_file_is_refused_and_not_repeated(model: Model) -> None:
    with pytest.raises(HarnessError) as caught:
        ENTRY.resolve(model)
    assert "hunter2" not in str(caught.value)


def test_a_model_file_needs_no_modality(tmp_path: Path) -> None:
    file = tmp_path / "local.yaml"
    file.write_text(f'name: local\nbackend: server\nsource: "{URL}#org/model"\n')
    model = load_model(str(file))
    assert (model.source, model.modality) == (f"{URL}#org/model", "text")
