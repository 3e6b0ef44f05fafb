from __future__ import annotations

import pytest

from evalharness.catalog.addresses import (
    is_address,
    on_this_machine,
    read_address,
    without_secrets,
)
from evalharness.catalog.models import load_model
from evalharness.core.errors import BadInputError


@pytest.mark.parametrize(
    ("source", "url", "host", "model", "loopback"),
    [
        (
            "http://127.0.0.1:8000/v1#org/model",
            "http://127.0.0.1:8000/v1",
            "127.0.0.1:8000",
            "org/model",
            True,
        ),
        ("HTTP://LocalHost/V1/#m", "http://localhost/V1", "localhost", "m", True),
        (
            "http://[::1]:11434/v1#qwen3:8b",
            "http://[::1]:11434/v1",
            "[::1]:11434",
            "qwen3:8b",
            True,
        ),
        ("http://0.0.0.0:1/v1#m", "http://0.0.0.0:1/v1", "0.0.0.0:1", "m", True),
        ("https://a.b/api/v1#@cf/x/y", "https://a.b/api/v1", "a.b", "@cf/x/y", False),
        ("http://10.0.0.2:1/v1#m#2", "http://10.0.0.2:1/v1", "10.0.0.2:1", "m#2", False),
        ("http://127.example.org/v1#m", "http://127.example.org/v1", "127.example.org", "m", False),
    ],
)
def test_an_address_is_a_server_and_a_model(
    source: str, url: str, host: str, model: str, loopback: bool
) -> None:
    address = read_address(source, "Model 'x'")
    assert (address.url, address.host, address.model) == (url, host, model)
    assert address.loopback is loopback is on_this_machine(source)
    assert address.source == f"{url}#{model}"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("org/model", "found the source 'org/model'"),
        ("http://h/v1", "no model's name"),
        ("http://h/v1#", "no model's name"),
        ("http://h/v1# m", "no model's name"),
        ("http://h/v1#m\n", "no model's name"),
        ("http://#m", "cannot be read"),
        ("http://h:99999/v1#m", "cannot be read"),
        ("http://h:x/v1#m", "cannot be read"),
        ("http://[h/v1#m", "cannot be read"),
        ("http://h /v1#m", "cannot be read"),
        ("http://hä/v1#m", "cannot be read"),
        ("http://h/v1/chat/completions#m", "ends in /chat/completions"),
        ("http://h/v1/models/#m", "ends in /models"),
    ],
)
def test_what_is_no_address_is_told(source: str, told: str) -> None:
    with pytest.raises(BadInputError, match="Model 'x'") as caught:
        read_address(source, "Model 'x'")
    assert told in str(caught.value)
    assert "http://127.0.0.1:8000/v1#org/name" in str(caught.value)


@pytest.mark.parametrize("source", ["https://me:hunter2@h/v1#m", "https://h/v1?key=hunter2#m"])
def test_a_password_in_an_address_is_refused_and_not_repeated(source: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_address(source, "Model 'x'")
    assert "hunter2" not in str(caught.value)


def test_weights_are_no_address_and_stay_here() -> None:
    for source in ("", "./folder", "org/model", "package:weights", "httpx/model"):
        assert not is_address(source)
        assert on_this_machine(source)
    assert not on_this_machine("http://[broken")


@pytest.mark.parametrize(
    ("spec", "source", "start"),
    [
        (
            "server:http://127.0.0.1:8000/v1#org/model",
            "http://127.0.0.1:8000/v1#org/model",
            "model-",
        ),
        ("server:http://h/v1#qwen3:8b", "http://h/v1#qwen3:8b", "qwen3-8b-"),
        ("server:http://h/v1#org/model@main", "http://h/v1#org/model@main", "model-main-"),
        ("server:https://h/v1#@cf/meta/llama", "https://h/v1#@cf/meta/llama", "llama-"),
    ],
)
def test_a_served_model_is_named_on_the_command_line(spec: str, source: str, start: str) -> None:
    model = load_model(spec)
    assert (model.backend, model.source, model.revision) == ("server", source, None)
    assert model.modality == "text"
    assert model.name.startswith(start)


def test_the_same_model_on_two_servers_has_two_names() -> None:
    one, other = (load_model(f"server:http://h:{port}/v1#m") for port in (1, 2))
    assert one.name != other.name


def test_what_may_be_a_secret_is_taken_out_of_what_is_recorded() -> None:
    given = {"models": ["server:http://user:hunter2@h:1/v1#a@b", "x:https://h/v1?key=hunter2#m"]}
    assert without_secrets(given) == {
        "models": ["server:http://…@h:1/v1#a@b", "x:https://h/v1?…#m"]
    }
    assert without_secrets("http://me:hun/ter2@h/v1#m") == "http://…@h/v1#m"
    for harmless in ("what? http://h/v1#org/model@main", 'say "http://h/v1" twice', 3, None):
        assert without_secrets(harmless) == harmless
