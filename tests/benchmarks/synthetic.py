"""Rows of a made-up suite: what big stores begin with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from evalharness.ledger.rows import (
    ArtifactRow,
    JsonText,
    MetricRow,
    ModelRow,
    OutputArtifactRow,
    PromptRow,
    Row,
    SuiteRow,
    TagRow,
)

RUN, MADE_AT = "synthetic", datetime(2026, 3, 1)


def sha(*parts: object) -> str:
    """A digest of its own for whatever is named."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def suite_rows(suite: str, prompts: int, metrics: Sequence[str], tags: int = 4) -> Iterator[Row]:
    """A suite, its prompts with a tag `style` of so many values, and its metrics."""
    digest = sha(suite)
    yield SuiteRow(
        run=RUN,
        made_at=MADE_AT,
        digest=digest,
        suite=suite,
        version=1,
        title="",
        protocol="recommended",
        modality="image",
        reference=None,
        specification=JsonText(json.dumps({"name": suite, "metrics": list(metrics)})),
    )
    for place in range(prompts):
        name = f"p{place}"
        yield PromptRow(
            run=RUN,
            made_at=MADE_AT,
            suite=digest,
            prompt_id=name,
            position=place,
            digest=sha("prompt", place),
            subject=sha("text", place),
            text=f"thing number {place}",
            target=None,
            checks=JsonText("{}"),
        )
        yield TagRow(
            run=RUN,
            made_at=MADE_AT,
            suite=digest,
            prompt_id=name,
            tag="style",
            value=f"{place % tags}",
        )
    for name in metrics:
        yield MetricRow(
            run=RUN,
            made_at=MADE_AT,
            metric=name,
            version=1,
            title=name,
            unit="",
            direction="higher",
            level="output",
            recipe=sha("recipe", name),
        )


def model_name(number: int) -> str:
    """The name of one of the models."""
    return f"model-{number:02}"


def model_row(number: int) -> ModelRow:
    """One of the models."""
    return ModelRow(
        run=RUN,
        made_at=MADE_AT,
        variant=sha("variant", number),
        model=model_name(number),
        title="",
        digest=sha("model", number),
        backend="fake",
        source="",
        revision=sha("weights", number),
        modality="image",
        licence="MIT",
        price_per_1000=None,
        settings=JsonText("{}"),
        specification=JsonText("{}"),
    )


def picture_rows(job_key: str, sha256: str) -> Iterator[Row]:
    """A picture that is not there, as an output's first artifact."""
    yield ArtifactRow(
        run=RUN,
        made_at=MADE_AT,
        sha256=sha256,
        kind="picture",
        format="png",
        bytes=1000,
        width=64,
        height=64,
        frames=None,
        fps=None,
        duration_s=None,
        sample_rate=None,
        text=None,
    )
    yield OutputArtifactRow(
        run=RUN, made_at=MADE_AT, job_key=job_key, take=1, attempt=1, position=0, sha256=sha256
    )
