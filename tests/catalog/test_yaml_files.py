import math
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from evalharness.catalog.documents import refused_character
from evalharness.catalog.yaml_files import LIMIT_BYTES, plain_scalar, read_yaml
from evalharness.core.errors import BadInputError

Write = Callable[[str, str | bytes], Path]


def test_plain_words_stay_words(write: Write) -> None:
    text = "a: [no, on, 12:30:45, 2026-01-02, 0o17, 1_000, Null, yes]\nb: {<<: x}\n"
    data = read_yaml(write("x.yaml", text)).data
    assert data == {
        "a": ["no", "on", "12:30:45", "2026-01-02", "0o17", "1_000", "Null", "yes"],
        "b": {"<<": "x"},
    }


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("4", 4),
        ("-4", -4),
        ("+4", 4),
        ("007", 7),
        ("4.5", 4.5),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("2.", 2.0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("True", "True"),
        ("1e", "1e"),
        ("-", "-"),
        (".", "."),
        ("9" * 19, "9" * 19),
    ],
)
def test_scalars_of_yaml_1_2(word: str, value: object) -> None:
    assert plain_scalar(word) == value
    assert type(plain_scalar(word)) is type(value)


def test_endless_numbers() -> None:
    assert plain_scalar("-.inf") == -math.inf
    assert math.isnan(float(str(plain_scalar(".nan"))))


BAD = {
    "an alias bomb": ("a: &a [x]\nb: [*a, *a]\n", "line 1", "anchor"),
    "an alias alone": ("b: *a\n", "line 1", "alias"),
    "code": ("ok: 1\na: !!python/object/apply:os.system [ls]\n", "line 2", "tag"),
    "a local tag": ("a: !include x.yaml\n", "line 1", "tag '!include'"),
    "a double field": ("a: 1\nb: 2\na: 3\n", "line 3, field a", "first on line 1"),
    "a double field deep": ("x:\n- a: 1\n  a: 2\n", "line 3, field x[0].a", "again"),
    "nesting": ("a: " + "[" * 5000, "line 1", "levels of nesting"),
    "broken": ("a: [1\nb: 2\n", "line 2", "not valid YAML"),
    "tabs": ("a:\n\tb: 1\n", "line 2", "not valid YAML"),
    "two documents": ("a: 1\n---\nb: 2\n", "line 2", "not valid YAML"),
    "a list as key": ("? [a]\n: b\n", "line 1", "list or mapping as a field name"),
    "nothing": ("# only words\n", "", "empty file"),
    "NaN": ("a: 1\nb: .nan\n", "line 2, field b", "not a finite number"),
    "infinity": ("a: [1, .inf]\n", "line 1, field a[1]", "not a finite number"),
    "a control character": ("a: x\nb: \x07\n", "line 2", "U+0007"),
    "a control character after long ones": ("a: 😀é\nb: \x00\n", "line 2", "U+0000"),
    "an escaped escape": ('a: x\nb: "\\e[31m"\n', "line 2, field b", "U+001B"),
    "latin-1": (b"a: 1\nb: \xe9\n", "line 2", "0xe9"),
    "UTF-16": ("a: 1".encode("utf-16"), "line 1", "UTF-8"),
    "too large": ("a: " + "x" * LIMIT_BYTES, "", "at most 1,000,000"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_name_the_line(write: Write, case: str) -> None:
    content, where, what = BAD[case]
    with pytest.raises(BadInputError) as caught:
        read_yaml(write("bad.yaml", content))
    message = str(caught.value)
    assert "bad.yaml" in message
    assert where in message
    assert what in message
    assert len(message) < 500


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 10**18, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10).filter(lambda t: not refused_character(t)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=10,
)


@example({"x": 1 - 10**18})
@given(st.dictionaries(st.sampled_from("xyz"), PLAIN, min_size=1))
def test_what_yaml_writes_is_read_back(data: object) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        if "&id" not in path.read_text("utf-8"):
            assert read_yaml(path).data == data


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(content)
        try:
            read_yaml(path)
        except BadInputError as error:
            assert "x.yaml" in str(error)
