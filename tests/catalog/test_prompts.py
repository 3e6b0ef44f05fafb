import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog.documents import refused_character
from evalharness.catalog.names import is_safe_id, slug
from evalharness.catalog.prompts import read_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt

Write = Callable[[str, str | bytes], Path]


def error_of(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        read_prompts(path)
    return str(caught.value)


def test_json_lines_with_every_field(write: Write) -> None:
    line = {
        "id": "cat-1",
        "text": "a café\nsign",
        "target": "42",
        "checks": {"lettering": "OPEN", "count": 2, "deep": {"a": [1.5, None]}},
        "tags": {"style": "none", "size": 3},
    }
    path = write("p.jsonl", json.dumps(line) + "\n\n" + '{"id": 7, "prompt": "a dog"}\n')
    assert read_prompts(path) == (
        Prompt(
            id="cat-1",
            text="a café\nsign",
            target="42",
            checks={"lettering": "OPEN", "count": 2, "deep": {"a": [1.5, None]}},
            tags={"style": "none", "size": "3"},
        ),
        Prompt(id="7", text="a dog"),
    )


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write: Write) -> None:
    path = write("p.jsonl", '\ufeff{"text": "a\u2028b"}\r\n{"text": "c d"}\r\n'.encode())
    assert [p.text for p in read_prompts(path)] == ["a\u2028b", "c d"]


def test_plain_lines(write: Write) -> None:
    path = write("p.txt", "# mine\n\n  a red ball \r\nA red ball\n#no\n")
    first, second = read_prompts(path)
    assert (first.id, first.text) == ("a-red-ball", "a red ball")
    assert second.text == "A red ball"
    assert second.id.startswith("a-red-ball-")


def test_ids_of_plain_lines_stay_when_lines_move(write: Write) -> None:
    one = read_prompts(write("a.txt", "a\nb, c\n"))
    two = read_prompts(write("b.txt", "new\nb, c\na\n"))
    assert {p.text: p.id for p in one}.items() <= {p.text: p.id for p in two}.items()


BAD_LINES = {
    "not JSON": ('{"id": "x"', "line 2, column 11", "not valid JSON"),
    "a list": ("[1]", "line 2", "found a list of 1; expected a mapping"),
    "no text": ('{"id": "x"}', "line 2, field text", "found nothing; expected this field"),
    "a number as text": ('{"text": 5}', "line 2, field text", "found 5 (a number)"),
    "an unknown vocabulary of looks": (
        '{"text": "a", "checks": {"styles": "aesthetic"}}',
        "line 2, field checks.styles",
        "one of aesthetics, tinyworld",
    ),
    "a misspelt look": (
        '{"text": "a", "checks": {"style": "watercolor", "styles": "tinyworld"}}',
        "line 2, field checks.style",
        "'watercolor'; expected one of photograph, illustration, watercolour, pixel art",
    ),
    "a look of no vocabulary": (
        '{"text": "a", "checks": {"style": "anime"}}',
        "line 2, field checks.styles",
        "one of aesthetics, tinyworld",
    ),
    "a list as a vocabulary": (
        '{"text": "a", "checks": {"styles": ["tinyworld"]}}',
        "line 2, field checks.styles",
        "found a list of 1",
    ),
    "a number as lettering": ('{"text": "a", "checks": {"lettering": 5}}', "line 2", "lettering"),
    "a yes as id": ('{"id": true, "text": "a"}', "line 2, field id", "found true"),
    "a blank text": ('{"text": "  "}', "line 2, field text", "not blank"),
    "an unknown field": ('{"text": "a", "txet": 1}', "line 2, field txet", "no such field"),
    "both spellings": ('{"text": "a", "prompt": "b"}', "line 2, field prompt", "no such field"),
    "NaN": ('{"text": "a", "checks": {"x": NaN}}', "line 2", "found NaN; expected a finite"),
    "infinity": ('{"text": "a", "checks": {"x": 1e999}}', "line 2", "found 1e999"),
    "a double field": ('{"text": "a", "text": "b"}', "line 2", "'text' twice"),
    "half a character": ('{"text": "a\\ud83d"}', "line 2, field text", "surrogate pair, U+D83D"),
    "an escape": ('{"text": "\\u001b[31mred"}', "line 2, field text", "control character U+001B"),
    "a control in a key": ('{"text": "a", "tags": {"\\u0007": "x"}}', "line 2", "U+0007"),
    "a path as id": ('{"id": "../x", "text": "a"}', "line 2, field id", "without / or"),
    "a list as tag": ('{"text": "a", "tags": {"s": []}}', "field tags.s", "found a list of 0"),
    "deep JSON": ('{"text": "a", "checks": ' + '{"a":' * 99999, "line 2", ""),
    "an endless number": ('{"text": "a", "checks": {"x": ' + "9" * 5000 + "}}", "line 2", ""),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_bad_json_lines_name_the_line_and_the_field(write: Write, case: str) -> None:
    line, where, what = BAD_LINES[case]
    message = error_of(write("p.jsonl", '{"text": "fine"}\n' + line + "\n"))
    assert "p.jsonl" in message
    assert where in message
    assert what in message
    assert message.isprintable() or "\n" in message


def test_two_prompts_with_one_id_name_both_lines(write: Write) -> None:
    path = write("p.jsonl", '{"id": "a", "text": "x"}\n\n{"id": "a", "text": "y"}\n')
    assert "line 3, field id: found 'a', which line 1 has already" in error_of(path)
    assert "line 4: found the prompt of line 1 again" in error_of(write("p.txt", "a\n#\n\na\n"))


@pytest.mark.parametrize("name", ["p.jsonl", "p.txt"])
@pytest.mark.parametrize("content", ["", "\n \n\t\n"])
def test_a_file_without_prompts_is_refused(write: Write, name: str, content: str) -> None:
    assert "found no prompts" in error_of(write(name, content))


@pytest.mark.parametrize(
    ("name", "line"), [("p.jsonl", '{"text": "' + "x" * 10_000_000 + '"}'), ("p.txt", "x" * 10**7)]
)
def test_a_prompt_of_ten_megabytes_is_refused_briefly(write: Write, name: str, line: str) -> None:
    message = error_of(write(name, line))
    assert "line 1" in message
    assert "10,000,000 characters" in message
    assert len(message) < 500


def test_bytes_that_are_not_utf8_name_their_line(write: Write) -> None:
    assert "line 3: found the byte 0xff" in error_of(write("p.txt", b"a\nb\n\xff\n"))


def test_plain_lines_refuse_escapes(write: Write) -> None:
    assert "line 2: found the control character U+001B" in error_of(write("p.txt", "a\n\x1b[0m\n"))


def test_files_that_are_no_prompts(write: Write, tmp_path: Path) -> None:
    assert "expected a .jsonl, .txt, .csv" in error_of(write("p.docx", "a"))
    told = error_of(write("array.json", '[{"text": "a"}]'))
    assert "found a .json file; expected one object a line, in a .jsonl file" in told
    assert "`jq -c '.[]' array.json > array.jsonl`" in told
    assert "No such file" in error_of(tmp_path / "none.txt")
    (tmp_path / "folder.txt").mkdir()
    assert "found no folders; expected one for each label" in error_of(tmp_path / "folder.txt")


@given(st.text(), st.text())
def test_slugs_are_safe_and_tell_texts_apart(one: str, other: str) -> None:
    assert is_safe_id(slug(one))
    assert len(slug(one)) <= 50
    assert (slug(one) == slug(other)) == (one == other)


@given(st.text("ab -", max_size=6), st.text("ab -", max_size=6))
def test_slugs_of_similar_texts_differ(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
def test_any_json_lines_are_read_back_or_refused(texts: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.jsonl"
        path.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts), "utf-8")
        readable = all(t.strip() and not refused_character(t) for t in texts)
        if readable and len(set(texts)) == len(texts):
            assert [p.text for p in read_prompts(path)] == texts
        else:
            error_of(path)
