from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evalharness.backends.fake import CRASH_CODE, ENTRY, FakeBackend
from evalharness.catalog.registry import backend
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.nouns import Job, Json, Model, Prompt
from evalharness.core.outcomes import Answer, Picture, Status, Text


def model(
    modality: str = "text", placement: dict[str, Json] | None = None, **options: Json
) -> Model:
    text = Model("fake", "fake", "fake", options=options, placement=placement or {})
    return replace(text, modality="text") if modality == "text" else text


def jobs(count: int) -> list[Job]:
    prompts = [Prompt(f"p{i}", f"question {i}", target=f"answer {i}") for i in range(count)]
    return [
        Job(f"key-{i}", "fake", prompt, f"please: {prompt.text}", None, 0, {})
        for i, prompt in enumerate(prompts)
    ]


def answers(asked: Model, count: int = 1) -> list[Answer]:
    with FakeBackend(asked, ENTRY.resolve(asked)) as fake:
        return list(fake.generate(jobs(count)))


def said(answer: Answer) -> str:
    (text,) = answer.media
    assert isinstance(text, Text)
    return text.text


def test_the_registry_knows_it() -> None:
    assert backend("fake") is ENTRY


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "answer 0"),
        ({"answer": "upper"}, "PLEASE: QUESTION 0"),
        ({"answer": "echo"}, "please: question 0"),
        ({"table": {"question 0": "from the table"}}, "from the table"),
        ({"wrong": 1}, "not answer 0"),
    ],
)
def test_texts(options: dict[str, Json], expected: str) -> None:
    (answer,) = answers(model(**options))
    assert said(answer) == expected


def test_wrong_answers_are_as_frequent_as_asked_and_the_same_again() -> None:
    first = [said(a) for a in answers(model(wrong=0.3), 1000)]
    assert first == [said(a) for a in answers(model(wrong=0.3), 1000)]
    assert 250 < sum(text.startswith("not ") for text in first) < 350


@pytest.mark.parametrize("check", ["labels", "choices"])
def test_a_wrong_label_or_choice_is_another_one(check: str) -> None:
    fake = model(wrong=1)
    for target, other in (("red", "blue"), ("blue", "red")):
        prompt = Prompt("p", "Which?", target, {check: ["red", "blue"]})
        job = Job("k", "fake", prompt, prompt.text, None, 0, {})
        with FakeBackend(fake, ENTRY.resolve(fake)) as backend:
            (answer,) = backend.generate([job])
        assert said(answer) == other


def test_a_wrong_number_is_another_number() -> None:
    fake, prompt = model(wrong=1), Prompt("p", "6 × 7?", "42")
    with FakeBackend(fake, ENTRY.resolve(fake)) as backend:
        (answer,) = backend.generate([Job("k", "fake", prompt, prompt.text, None, 0, {})])
    assert said(answer) == "43"


def test_pictures_come_from_the_key_alone() -> None:
    with FakeBackend(model("image"), ENTRY.resolve(model("image"))) as fake:
        first, second = fake.generate(jobs(2))
        (again,) = fake.generate(jobs(2)[:1])
        sized = replace(jobs(1)[0], settings={"height": 8, "width": 24})
        (wide,) = fake.generate([sized])
    pixels = [
        a.media[0].pixels for a in (first, second, again, wide) if isinstance(a.media[0], Picture)
    ]
    assert pixels[0].shape == (16, 16, 3) and pixels[0].dtype == np.uint8
    assert np.array_equal(pixels[0], pixels[2])
    assert not np.array_equal(pixels[0], pixels[1])
    assert pixels[3].shape == (8, 24, 3)


def test_every_status_at_its_rate_with_a_reason() -> None:
    rates: dict[str, Json] = dict.fromkeys(
        ("fail", "refuse", "filter", "nonfinite", "oom", "timeout", "too_long"), 0.1
    )
    found = answers(model(**rates), 2000)
    counts = Counter(a.status for a in found)
    assert set(counts) == set(Status)
    assert all(140 < counts[s] < 260 for s in Status if s is not Status.OK)
    assert all(bool(a.reason) == (a.status is not Status.OK) == (not a.media) for a in found)


def test_a_healed_model_fails_no_more(tmp_path: Path) -> None:
    file = tmp_path / "healed"
    sick = model(placement={"healed_by": str(file)}, fail=0.5, oom=0.25, refuse=0.25)
    assert not any(a.status is Status.OK for a in answers(sick, 50))
    file.touch()
    assert {a.status for a in answers(sick, 50)} == {Status.OK, Status.REFUSED}


def test_batches_latency_memory_and_cost() -> None:
    asked = model(placement={"batch_size": 3}, latency_s=0.01, memory_bytes=5, cost=0.5)
    found = answers(asked, 4)
    assert [a.batch_size for a in found] == [3, 3, 3, 1]
    assert found[0].duration_s >= 0.03
    assert (found[0].peak_memory_bytes, found[0].cost) == (5, 0.5)


PROGRAM = """
import sys
from evalharness.backends.fake import ENTRY, FakeBackend
from evalharness.core.nouns import Job, Model, Prompt
options, placement = {sys.argv[1]: 2}, {"healed_by": sys.argv[2]}
model = Model("fake", "fake", "fake", modality="text", options=options, placement=placement)
jobs = [Job(str(i), "fake", Prompt(str(i), "a"), "a", None, 0, {}) for i in range(4)]
with FakeBackend(model, ENTRY.resolve(model)) as fake:
    for answer in fake.generate(jobs):
        print(answer.job_key, flush=True)
"""


def test_a_crash_takes_the_process_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "crash_at", str(tmp_path / "healed")]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (first.returncode, first.stdout.split()) == (CRASH_CODE, ["0", "1"])
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout.split()) == (0, ["0", "1", "2", "3"])


def test_a_hang_never_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "hang_at", str(tmp_path / "healed")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(2)] == ["0", "1"]
        time.sleep(0.3)
        assert process.poll() is None
        process.kill()


def test_a_model_that_cannot_be_loaded() -> None:
    with pytest.raises(BadInputError, match="no such tensor"):
        answers(model(load_error="no such tensor"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"wrng": 1}, UnknownNameError, "Did you mean 'wrong'"),
        ({"wrong": 2}, BadInputError, "from 0 to 1"),
        ({"crash_at": -1}, BadInputError, "whole number"),
        ({"answer": "loud"}, BadInputError, "one of echo, target, upper"),
        ({"table": 3}, BadInputError, "a mapping"),
    ],
)
def test_bad_options_are_found_while_planning(
    options: dict[str, Json], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ENTRY.resolve(model(**options))
