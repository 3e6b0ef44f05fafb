import pytest

from evalharness.catalog.settings import parse_overrides, resolve_settings
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Model, Protocol, Suite

MODEL = Model("m", "fake", "", settings={"steps": 4, "width": 512})


def suite(protocol: Protocol) -> Suite:
    settings = {"steps": 30, "guidance": 5.0}
    return Suite("s", 1, "", protocol, "image", (), (0,), (), settings=settings)


def test_recommended_settings_are_the_models_and_the_suite_fills_gaps() -> None:
    assert resolve_settings(MODEL, suite("recommended"), {}) == {
        "steps": 4,
        "width": 512,
        "guidance": 5.0,
    }


def test_matched_settings_are_the_suites() -> None:
    assert resolve_settings(MODEL, suite("matched"), {}) == {
        "steps": 30,
        "width": 512,
        "guidance": 5.0,
    }


@pytest.mark.parametrize("protocol", ["recommended", "matched"])
def test_the_command_line_always_wins(protocol: Protocol) -> None:
    assert resolve_settings(MODEL, suite(protocol), {"steps": 1, "eta": 0.5}) == {
        "steps": 1,
        "width": 512,
        "guidance": 5.0,
        "eta": 0.5,
    }


def test_overrides_are_read_as_in_yaml() -> None:
    written = ["a=4", "b=1e-3", "c=true", "d=euler", 'e="4"', "f=[1, 2]", "g=", "h=x=y", "i=2.0"]
    assert parse_overrides(written) == {
        "a": 4,
        "b": 0.001,
        "c": True,
        "d": "euler",
        "e": "4",
        "f": [1, 2],
        "g": None,
        "h": "x=y",
        "i": 2.0,
    }


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (["steps"], "expected NAME=VALUE"),
        (["=4"], "expected NAME=VALUE"),
        (["a b=4"], "expected NAME=VALUE"),
        (["a=1", "a=2"], "'a' twice"),
        (["a=.nan"], "finite"),
        (["a=-.inf"], "finite"),
        (["a=[1"], "not JSON"),
        (["a=[NaN]"], "finite"),
        (["a=\x1b[0m"], "control characters"),
        (['a=["\\u001b"]'], "U\\+001B.*control characters"),
        (['a={"b": 1, "b": 2}'], "'b' twice"),
    ],
)
def test_bad_overrides(written: list[str], what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        parse_overrides(written)
