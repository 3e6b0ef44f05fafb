import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evalharness.catalog.names import NAME_PATTERN
from evalharness.catalog.suites import (
    adjusted,
    from_prompts,
    list_suites,
    load_suite,
    shipped_suites,
    suite_file,
)
from evalharness.core.errors import BadInputError, HarnessError, UnknownNameError
from evalharness.core.keys import suite_digest
from evalharness.core.nouns import Prompt, Suite

Write = Callable[[str, str | bytes], Path]

FULL = """\
name: mine
version: 2
title: "My suite"
protocol: matched
modality: image
prompts: data/p.jsonl
seeds: [3, 1]
metrics: ["text_accuracy[ocr]", "fid[tiny-clip]", latency]
models: [tiny-base, ./mine.yaml]
settings: {steps: 4, guidance: 2.5}
reference: tinyworld:64
"""


def error_of(path: Path) -> str:
    with pytest.raises(HarnessError) as caught:
        load_suite(str(path))
    return str(caught.value)


def test_every_field(write: Write) -> None:
    write("data/p.jsonl", '{"id": "a", "text": "a cat"}\n')
    suite = load_suite(str(write("other.yaml", FULL)))
    assert (suite.name, suite.version, suite.title) == ("mine", 2, "My suite")
    assert (suite.protocol, suite.modality, suite.seeds) == ("matched", "image", (3, 1))
    assert suite.prompts == (Prompt("a", "a cat"),)
    assert suite.metrics == (
        "text_accuracy.cer[ocr]",
        "text_accuracy.exact[ocr]",
        "text_accuracy.extra[ocr]",
        "text_accuracy.missing[ocr]",
        "text_accuracy.wer[ocr]",
        "fid[tiny-clip]",
        "latency",
    )
    assert suite.models == ("tiny-base", "./mine.yaml")
    assert suite.settings == {"steps": 4, "guidance": 2.5}
    assert suite.reference == "tinyworld:64"


def test_few_fields_are_enough(write: Write) -> None:
    text = "prompts:\n- a cat\n- {id: dog, text: a dog, tags: {size: 2}}\nmetrics: [latency]\n"
    suite = load_suite(str(write("few.yaml", text)))
    assert (suite.name, suite.version, suite.protocol) == ("few", 1, "recommended")
    assert suite.prompts == (Prompt("a-cat", "a cat"), Prompt("dog", "a dog", tags={"size": "2"}))
    assert (suite.seeds, suite.models, suite.reference) == ((0,), (), None)


def test_seeds_by_count(write: Write) -> None:
    path = write("s.yaml", "prompts: [a]\nmetrics: [latency]\nseeds: 3\n")
    assert load_suite(str(path)).seeds == (0, 1, 2)


BAD = {
    "unknown field": ("titel: x", "line 3, field titel", "no such field"),
    "protocol": ("protocol: fair", "line 3, field protocol", "'recommended' or 'matched'"),
    "name": ("name: ../x", "line 3, field name", "letters, digits"),
    "version": ("version: 1.5", "line 3, field version", "whole number"),
    "no seeds": ("seeds: []", "line 3, field seeds", "at least 1 item"),
    "zero seeds": ("seeds: 0", "line 3, field seeds", "greater than or equal to 1"),
    "a word as seed": ("seeds: [1, x]", "line 3, field seeds[1]", "'x'; expected a whole number"),
    "a yes as seed": ("seeds: [true]", "line 3, field seeds[0]", "yes/no"),
    "a negative seed": ("seeds: [-1]", "line 3, field seeds[0]", "greater than or equal to 0"),
    "a huge seed": ("seeds: [9223372036854775808]", "line 3, field seeds[0]", "whole number"),
    "a double seed": ("seeds: [1, 1]", "line 3, field seeds", "the seed 1 twice"),
    "settings": ("settings: [a]", "line 3, field settings", "a mapping of fields"),
    "reference": ("reference: ./pictures", "line 3, field reference", "tinyworld:…"),
    "a source": ("reference: tinywrld:8", "line 3, field reference", "tinyworld:…"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_fields_name_the_line(write: Write, case: str) -> None:
    line, where, what = BAD[case]
    message = error_of(write("s.yaml", f"prompts: [a]\nmetrics: [latency]\n{line}\n"))
    assert "s.yaml" in message
    assert where in message
    assert what in message


BAD_PARTS = {
    "no prompts": ("prompts: []\nmetrics: []", "line 1, field prompts", "an empty list"),
    "no prompt field": ("metrics: []", "field prompts", "found nothing; expected this field"),
    "a number": ("prompts:\n- a\n- 3\nmetrics: []", "line 3, field prompts[1]", "text (in quotes"),
    "a blank": ("prompts: [' ']\nmetrics: []", "line 1, field prompts[0]", "not blank"),
    "a double": ("prompts:\n- a\n- a\nmetrics: []", "line 3, field id", "line 2 has already"),
    "a double in one line": ("prompts: [a, a]\nmetrics: []", "line 1, field id", "has already"),
    "a bad object": (
        "prompts:\n- text: a\n  tags: {x: []}\nmetrics: []",
        "line 3, field prompts[0].tags.x",
        "a list of 0",
    ),
    "a missing file": ("prompts: no.jsonl\nmetrics: []", "no.jsonl", "No such file"),
    "unknown metric": ("prompts: [a]\nmetrics: [latncy]", "line 2, field metrics[0]", "'latency'"),
    "no instrument": (
        "prompts: [a]\nmetrics:\n- clip_score",
        "line 3, field metrics[0]",
        "needs an instrument",
    ),
    "wrong modality": (
        "prompts: [a]\nmetrics: [exact_match]",
        "line 2, field metrics[0]",
        "scores text answers",
    ),
    "a double metric": (
        "prompts: [a]\nmetrics:\n- text_accuracy[ocr]\n- text_accuracy.cer[ocr]",
        "line 4, field metrics[1]",
        "again",
    ),
    "no reference": (
        "prompts: [a]\nmetrics: ['fid[tiny-clip]']",
        "field reference",
        "fid[tiny-clip] compares with",
    ),
}


@pytest.mark.parametrize("case", BAD_PARTS)
def test_bad_prompts_and_metrics_name_the_line(write: Write, case: str) -> None:
    text, where, what = BAD_PARTS[case]
    message = error_of(write("s.yaml", text + "\n"))
    assert where in message
    assert what in message


def test_several_problems_are_told_at_once(write: Write) -> None:
    message = error_of(write("s.yaml", "prompts: 3\nseeds: x\nnme: y\n"))
    assert [line.partition("field ")[2].split(":")[0] for line in message.splitlines()] == [
        "prompts",
        "seeds",
        "metrics",
        "nme",
    ]


def test_errors_in_the_prompts_file_name_that_file(write: Write) -> None:
    write("p.jsonl", '{"text": "a"}\n{"text": 1}\n')
    message = error_of(write("s.yaml", "prompts: p.jsonl\nmetrics: [latency]\n"))
    assert "p.jsonl, line 2, field text" in message


def test_the_projects_own_suites_come_first(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("suites/tinyworld.yaml", "prompts: [mine]\nmetrics: [latency]\n")
    write("suites/extra.yml", "prompts: [extra]\nmetrics: [latency]\n")
    write("suites/notes.md", "no suite")
    monkeypatch.chdir(tmp_path)
    assert load_suite("tinyworld").prompts[0].text == "mine"
    assert load_suite("extra").prompts[0].text == "extra"
    assert len(load_suite("starter").prompts) == 60
    own = {p.stem for p in shipped_suites().glob("*.yaml")}
    assert set(list_suites()) == own | {"extra"}
    assert suite_file("extra") == Path("suites/extra.yml")


def test_unknown_suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError, match="Did you mean 'tinyworld'"):
        load_suite("tinywrold")
    with pytest.raises(BadInputError, match=r"There is no suite file './no\.yaml'"):
        load_suite("./no.yaml")
    with pytest.raises(BadInputError, match="no suite file"):
        load_suite("../../etc/passwd")


def test_a_suite_from_somebodys_prompts(write: Write) -> None:
    suite = from_prompts(write("My prompts.txt", "a cat\na dog\n"), seeds=(5, 6))
    assert suite.name.startswith("my-prompts-")
    assert [p.text for p in suite.prompts] == ["a cat", "a dog"]
    assert suite.seeds == (5, 6)
    assert suite.metrics == ("clip_score[clip-vit-l-14]", "latency")


def test_metrics_of_somebodys_prompts_fit_them(write: Write) -> None:
    lettered = write("l.jsonl", '{"text": "a sign", "checks": {"lettering": "OPEN"}}\n')
    assert "text_accuracy.cer[ocr]" in from_prompts(lettered).metrics
    sums = write("t.jsonl", '{"text": "1+1", "target": "2"}\n')
    assert from_prompts(sums, metrics=("clip_score[tiny-clip]",)).metrics == (
        "clip_score[tiny-clip]",
    )
    with pytest.raises(BadInputError, match="reference pictures; expected other metrics"):
        from_prompts(sums, metrics=("fid[tiny-clip]",))
    with pytest.raises(BadInputError, match="scores text answers; expected one for images"):
        from_prompts(sums, metrics=("exact_match",))
    with pytest.raises(BadInputError, match="the seed 2 twice"):
        from_prompts(sums, seeds=(2, 2))
    with pytest.raises(UnknownNameError, match="'latency'"):
        from_prompts(sums, metrics=("latenc",))


@pytest.mark.parametrize(
    ("stem", "name"),
    [("my-suite", "my-suite"), ("My_Suite.v2", "My_Suite.v2"), ("x" * 100, "x" * 100)],
)
def test_a_file_names_its_suite(write: Write, stem: str, name: str) -> None:
    suite = load_suite(str(write(f"{stem}.yaml", "prompts: [a]\nmetrics: [latency]\n")))
    assert suite.name == name
    assert from_prompts(write(f"{stem}.txt", "a\n")).name == name


@pytest.mark.parametrize("stem", ["my suite", "-x", "ünï", "_", "a\nb", "a\n", "x" * 101])
def test_a_file_whose_name_is_no_suites_gets_a_slug(write: Write, stem: str) -> None:
    name = load_suite(str(write(f"{stem}.yaml", "prompts: [a]\nmetrics: [latency]\n"))).name
    assert name != stem
    assert re.fullmatch(NAME_PATTERN, name)


@pytest.fixture
def suite(write: Write) -> Suite:
    text = "prompts: [a]\nmetrics: ['text_accuracy[ocr]']\nseeds: [4, 2]\n"
    return load_suite(str(write("s.yaml", text)))


def test_seeds_and_metrics_chosen_for_one_run(suite: Suite) -> None:
    assert adjusted(suite) == suite
    metrics = ["latency", "text_accuracy[ocr]"]
    chosen = adjusted(suite, seeds=(0, 2**63 - 1), metrics=metrics)
    assert chosen == replace(suite, seeds=(0, 2**63 - 1), metrics=("latency", *suite.metrics))
    assert adjusted(suite, seeds=[7]) == replace(suite, seeds=(7,))
    assert adjusted(suite, metrics=["latency"]) == replace(suite, metrics=("latency",))
    compared = replace(suite, reference="tinyworld:64")
    assert adjusted(compared, metrics=["fid[tiny-clip]"]).metrics == ("fid[tiny-clip]",)


def test_other_metrics_are_no_other_suite_but_other_seeds_are(suite: Suite) -> None:
    assert suite_digest(adjusted(suite, metrics=["latency"])) == suite_digest(suite)
    assert suite_digest(adjusted(suite, seeds=[7])) != suite_digest(suite)


BAD_CHOICES = {
    "a double seed": ((3, 3), (), "command line, field seeds: found the seed 3 twice"),
    "a negative seed": ((0, -1), (), "command line, field seeds[1]: found -1"),
    "a huge seed": ((2**63,), (), "field seeds[0]: found 9223372036854775808"),
    "a yes": ((True,), (), "field seeds[0]: found true (a yes/no value); expected a whole number"),
    "a blank metric": ((), (" ",), "field metrics[0]: found ' '; expected text that is not blank"),
    "a double metric": ((), ("latency", "latency"), "field metrics[1]: found 'latency' again"),
    "a typing error": ((), ("latenc",), "command line, field metrics[0]: There is no metric"),
    "the wrong kind": ((), ("exact_match",), "which scores text answers; expected one for images"),
    "no instrument": ((), ("clip_score",), "field metrics[0]: 'clip_score' needs an instrument"),
    "no reference": (
        (),
        ("latency", "fid[tiny-clip]"),
        "field metrics: found no reference, but fid[tiny-clip] compares with reference pictures; "
        "expected other metrics, or a suite file with the field reference",
    ),
}


@pytest.mark.parametrize("case", BAD_CHOICES)
def test_bad_seeds_and_metrics_for_one_run(suite: Suite, case: str) -> None:
    seeds, metrics, message = BAD_CHOICES[case]
    with pytest.raises(HarnessError) as caught:
        adjusted(suite, seeds, metrics)
    assert message in str(caught.value)
