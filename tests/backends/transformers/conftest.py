from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from evalharness.catalog import registry
from evalharness.core.nouns import Job, Model, Prompt
from evalharness.core.outcomes import Answer
from tests.backends.transformers import writers

Ask = Callable[..., dict[str, Answer]]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every small model, by the name of the function that makes it."""
    root = tmp_path_factory.mktemp("writers")
    makers: dict[str, Callable[[Path], Any]] = {
        "llama": writers.llama,
        "bare": lambda folder: writers.llama(folder, chat=None),
        "bart": writers.bart,
        "vit": writers.vit,
        "clip": writers.clip,
    }
    for name, make in makers.items():
        make(root / name)
    return {name: root / name for name in makers}


def jobs(
    prompts: Iterable[Prompt | str], settings: dict[str, Any], seeds: Iterable[int]
) -> list[Job]:
    made = []
    for given in prompts:
        prompt = given if isinstance(given, Prompt) else Prompt(given, given)
        for seed in seeds:
            key = f"{prompt.id} {seed}"
            made.append(Job(key, "it", prompt, prompt.text, None, seed, settings))
    return made


@pytest.fixture
def ask(folders: dict[str, Path]) -> Ask:
    """Answers by `"prompt's id seed"`."""

    def answer(
        name: str,
        prompts: Iterable[Prompt | str],
        seeds: Iterable[int] = (0,),
        batch_size: int = 4,
        options: dict[str, Any] | None = None,
        **settings: Any,
    ) -> dict[str, Answer]:
        model = Model(
            "it",
            "transformers",
            str(folders[name]),
            modality="text",
            options=options or {},
            placement={"batch_size": batch_size, "device": "cpu"},
        )
        entry = registry.backend("transformers")
        model = entry.settle(model)
        opened = registry.load(entry.implementation)(model, entry.resolve(model))
        with opened as backend:
            return {a.job_key: a for a in backend.generate(jobs(prompts, settings, seeds))}

    return answer
