"""The project's own prompts differ from each other and from the published sets."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalharness.catalog.prompts import read_prompts
from evalharness.core.nouns import Prompt

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT.parent / "shared" / "data"
CLOSED_WORLD = {
    "arithmetic",
    "editing",
    "tiny-gate",
    "tinyworld",
    "vision",
    "vision-captions",
    "vision-labels",
}
"""Sums, every object in every colour, and one question about many pictures: these files repeat
themselves on purpose."""

FIELDS = ("id", "text", "target", "checks", "tags", "images")
SO_ALIKE = 0.6
"""Shared words over all words of two prompts; above it one could be a copy of the other."""

LITTLE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at by for from her his in into is it its of on one or out over that the "
        "their this to with image photo photograph picture",
    )
)

OWN = {path.stem: read_prompts(path) for path in sorted((ROOT / "prompts").glob("*.jsonl"))}


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower())) - LITTLE_WORDS


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard index of two sets of words."""
    return len(one & other) / max(1, len(one | other))


def own_prompts() -> list[tuple[str, Prompt, frozenset[str]]]:
    """File, prompt and its words, without paragraphs that several prompts of the file share."""
    found = []
    for name in sorted(OWN.keys() - CLOSED_WORLD):
        paragraphs = Counter(part for prompt in OWN[name] for part in prompt.text.split("\n\n"))
        for prompt in OWN[name]:
            own = [part for part in prompt.text.split("\n\n") if paragraphs[part] == 1]
            found.append((name, prompt, words("\n\n".join(own or [prompt.text]))))
    return found


@pytest.mark.parametrize("name", OWN)
def test_no_text_stands_twice_in_a_file(name: str) -> None:
    texts = [(prompt.text.casefold(), *(p.sha256 for p in prompt.images)) for prompt in OWN[name]]
    if "variant" not in OWN[name][0].tags:
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", OWN)
def test_files_are_written_alike(name: str) -> None:
    for line in (ROOT / "prompts" / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        order = [key for key in FIELDS if key in row]
        assert list(row) == order
        assert {"id", "text", "tags"} <= row.keys()
        assert line == json.dumps(row, ensure_ascii=False)


def test_no_two_prompts_are_nearly_the_same() -> None:
    before: list[tuple[str, Prompt, frozenset[str]]] = []
    for name, prompt, said in own_prompts():
        for other_name, other, other_said in before:
            group = prompt.tags.get("group")
            if name == other_name and group and group == other.tags.get("group"):
                continue  # a group says one thing in several ways
            places = f"{name}: {prompt.id} and {other_name}: {other.id}"
            assert alike(said, other_said) < SO_ALIKE, places
        before.append((name, prompt, said))


def published() -> Iterator[str]:
    with (PUBLISHED / "geneval" / "evaluation_metadata.jsonl").open(encoding="utf-8") as file:
        yield from (json.loads(line)["prompt"] for line in file)
    rows = (PUBLISHED / "partiprompts" / "PartiPrompts.tsv").read_text("utf-8").splitlines()
    yield from (row.partition("\t")[0] for row in rows[1:])
    yield from (path.read_text("utf-8") for path in (PUBLISHED / "dpg" / "prompts").glob("*.txt"))
    listed = json.loads((PUBLISHED / "vbench" / "VBench_full_info.json").read_text("utf-8"))
    yield from (item["prompt_en"] for item in listed)
    with gzip.open(PUBLISHED / "humaneval" / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from (json.loads(line)["prompt"] for line in file)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"the published sets are not in {PUBLISHED}")
def test_no_prompt_comes_from_a_published_set() -> None:
    theirs = {text: words(text) for text in published()}
    assert len(theirs) > 2700
    for name, prompt, said in own_prompts():
        for text, their_words in theirs.items():
            assert alike(said, their_words) < SO_ALIKE, f"{name}: {prompt.id} and {text!r}"
