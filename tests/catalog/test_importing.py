import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog import importing, registry
from evalharness.catalog.documents import refused_character
from evalharness.catalog.importing import checked, import_prompts, write_prompts
from evalharness.catalog.prompts import read_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PublishedPrompt
from evalharness.core.nouns import Prompt

Write = Callable[[str, str | bytes], Path]


def found(text: str, name: str | None = None, **more: object) -> PublishedPrompt:
    return PublishedPrompt(f"file, line {text[:5]}", text, name, **more)  # type: ignore[arg-type]


def test_a_repeated_text_gets_a_number() -> None:
    prompts = checked([found("a cat"), found("a dog"), found("a cat"), found("a cat")])
    assert [prompt.id for prompt in prompts] == ["a-cat", "a-dog", "a-cat-2", "a-cat-3"]
    assert [prompt.text for prompt in prompts] == ["a cat", "a dog", "a cat", "a cat"]


def test_made_ids_never_meet_given_ones_or_one_another() -> None:
    prompts = checked([found("a cat"), found("a cat"), found("x", "a-cat"), found("a cat 2")])
    assert [prompt.id for prompt in prompts] == ["a-cat-3", "a-cat-4", "a-cat", "a-cat-2"]


def test_an_id_that_a_file_gives_twice_names_both_places() -> None:
    with pytest.raises(BadInputError) as caught:
        checked([found("one", "7"), found("two", "7")])
    assert "file, line two, field id: found '7', which file, line one has" in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        (found("a\x1b[31m"), "field text: found the control character U+001B"),
        (found(" "), "field text: found ' '; expected text that is not blank"),
        (found("x" * 100_001), "100,001 characters"),
        (found("a", "../b"), "field id: found '../b'"),
        (found("a", tags={"note": "x\ny"}), "field tags.note"),
        (found("a", tags={"note": "x" * 201}), "1 to 200 printable characters"),
        (found("a", checks={"lettering": 5}), "lettering"),
        (found("a", checks={"questions": [{"question": "\x07"}]}), "U+0007"),
    ],
)
def test_prompts_are_held_to_what_a_prompts_file_may_hold(
    prompt: PublishedPrompt, told: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        checked([prompt])
    assert "file, line" in str(caught.value)
    assert told in str(caught.value)


def test_long_prompts_and_slashes_in_tags_pass() -> None:
    text = "word " * 2000 + "end"
    [prompt] = checked([found(text, tags={"note": " https://example.org/a ", "empty": " "})])
    assert prompt.text == text
    assert prompt.tags == {"note": "https://example.org/a"}


TEXTS = st.text(min_size=1, max_size=40).filter(lambda t: t.strip() and not refused_character(t))
NAMES = st.from_regex(r"[A-Za-z0-9 ._-]{0,10}[A-Za-z0-9]", fullmatch=True).map(str.strip)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.floats(allow_nan=False, width=32).filter(lambda number: abs(number) < 1e30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
FOUND = st.builds(
    PublishedPrompt,
    place=st.just("file, line 1"),
    text=TEXTS,
    target=st.none() | TEXTS,
    checks=st.dictionaries(NAMES, VALUES, max_size=3),
    tags=st.dictionaries(NAMES, NAMES | st.just(" ") | st.none(), max_size=3),
)


@given(st.lists(FOUND, min_size=1, max_size=8))
def test_what_is_imported_is_read_back_the_same(published: list[PublishedPrompt]) -> None:
    prompts = checked(published)
    assert [prompt.text for prompt in prompts] == [each.text for each in published]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.jsonl"
        write_prompts(path, prompts)
        assert read_prompts(path) == prompts


@given(st.lists(st.sampled_from(["a", "a 2", "a-2", "a 3", "b"]), max_size=12))
def test_ids_are_distinct_and_stable(texts: list[str]) -> None:
    prompts = checked(found(text) for text in texts)
    assert len({prompt.id for prompt in prompts}) == len(texts)
    assert prompts == checked(found(text) for text in texts)


def test_limit_reads_no_further(write: Write) -> None:
    path = write("p.txt", "one\ntwo\n\x1b broken\n")
    form = registry.prompt_format("lines")
    assert [p.text for p in import_prompts(form, path, limit=2)] == ["one", "two"]
    with pytest.raises(BadInputError, match="line 3"):
        import_prompts(form, path)


def test_columns_are_not_for_formats_that_know_theirs(write: Write) -> None:
    with pytest.raises(BadInputError, match="the format lines knows its columns"):
        import_prompts(registry.prompt_format("lines"), write("p.txt", "a"), {"text": "b"})


def test_an_output_that_is_there_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "p.jsonl"
    write_prompts(path, [Prompt("a", "a cat")])
    before = path.read_bytes()
    with pytest.raises(BadInputError, match="it was left as it is"):
        write_prompts(path, [Prompt("b", "a dog")])
    assert path.read_bytes() == before
    write_prompts(path, [Prompt("b", "a dog")], force=True)
    assert json.loads(path.read_text()) == {"id": "b", "text": "a dog"}
    assert [file.name for file in path.parent.iterdir()] == ["p.jsonl"]


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").mkdir()
    with pytest.raises(BadInputError, match="there is such a folder"):
        write_prompts(tmp_path / "p.jsonl", [Prompt("a", "a")], force=True)
    with pytest.raises(BadInputError, match=r"ends in \.jsonl"):
        write_prompts(tmp_path / "p.csv", [Prompt("a", "a")])


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.jsonl"
    write_prompts(path, [Prompt("a", "a cat")])

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInputError, match="No space left on device"):
        write_prompts(path, [Prompt("b", "a dog")], force=True)
    assert [file.name for file in tmp_path.iterdir()] == ["p.jsonl"]
    assert "a cat" in path.read_text()


def test_more_than_a_prompts_file_may_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LIMIT_BYTES", 50)
    with pytest.raises(BadInputError, match="--limit"):
        write_prompts(tmp_path / "p.jsonl", [Prompt("a", "a cat"), Prompt("b", "a dog")])
    assert not list(tmp_path.iterdir())
