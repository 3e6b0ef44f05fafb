"""Answers that scribes give to prompts, and the prompts of the shipped suites."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from evalharness.backends.scribe import ENTRY
from evalharness.backends.scribe.writing import Scribe
from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Job, Json, Model, Prompt
from evalharness.core.outcomes import Answer, Likelihoods, Text

ROOT = Path(__file__).resolve().parents[3]


def suite_prompts(name: str) -> tuple[Prompt, ...]:
    return load_suite(str(ROOT / "suites" / f"{name}.yaml")).prompts


def questions(n: int, **checks: Json) -> list[Prompt]:
    return [Prompt(f"q{i}", f"What is {i} + {i}?", f"{2 * i}", checks) for i in range(n)]


def scribe(**options: Json) -> Model:
    return Model("scribe", "scribe", "scribe", options=options, modality="text")


def answers(
    prompts: Iterable[Prompt], seeds: Sequence[int] = (0,), **options: Json
) -> list[Answer]:
    jobs = [
        Job(f"{prompt.id}-{seed}", "scribe", prompt, prompt.text, None, seed, {})
        for prompt in prompts
        for seed in seeds
    ]
    model = scribe(**options)
    with Scribe(model, ENTRY.resolve(model)) as writer:
        return list(writer.generate(jobs))


def texts(prompts: Iterable[Prompt], seeds: Sequence[int] = (0,), **options: Json) -> list[str]:
    found = []
    for answer in answers(prompts, seeds, **options):
        (text,) = answer.media
        assert isinstance(text, Text)
        found.append(text.text)
    return found


def told(
    prompts: Iterable[Prompt], seeds: Sequence[int] = (0,), **options: Json
) -> list[Likelihoods]:
    found = []
    for answer in answers(prompts, seeds, **options):
        (likelihoods,) = answer.media
        assert isinstance(likelihoods, Likelihoods)
        found.append(likelihoods)
    return found
