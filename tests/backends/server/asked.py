"""Jobs put to the backend without a runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalharness.backends.server.backend import ServerBackend
from evalharness.backends.server.entry import ENTRY
from evalharness.core.nouns import Job, Json, Model, Prompt
from evalharness.core.outcomes import Answer, Text
from evalharness.servers.patience import Patience
from tests.backends.server.stub import MODEL

QUICK = Patience(tries=4, timeouts=2, first_s=0.01, longest_s=0.05, total_s=20.0)


def served(
    url: str,
    *,
    placement: dict[str, Json] | None = None,
    settings: dict[str, Json] | None = None,
    revision: str | None = None,
    **options: Json,
) -> Model:
    return Model(
        name="tiny",
        backend="server",
        source=f"{url}#{MODEL}",
        revision=revision,
        modality="text",
        settings=settings or {},
        options=options,
        placement=placement or {},
    )


def jobs(model: Model, texts: Sequence[str], seed: int = 0) -> list[Job]:
    return [
        Job(f"key-{i}", model.name, Prompt(f"p{i}", text), text, None, seed, model.settings)
        for i, text in enumerate(texts)
    ]


def ask(model: Model, *texts: str, patience: Patience = QUICK) -> list[Answer]:
    """The answers in the order of the texts."""
    model = ENTRY.settle(model)
    with ServerBackend(model, ENTRY.resolve(model), patience) as backend:
        found = list(backend.generate(jobs(model, texts or ("hello",))))
    return sorted(found, key=lambda answer: int(answer.job_key.split("-")[1]))


def ask_one(url: str, text: str = "hello", **placement: Json) -> Answer:
    (answer,) = ask(replace(served(url), placement=placement), text)
    return answer


def text_of(answer: Answer) -> str:
    (media,) = answer.media
    assert isinstance(media, Text)
    return media.text
