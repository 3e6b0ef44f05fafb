from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import (
    ArtifactRow,
    AttemptRow,
    JobRow,
    JsonText,
    MemberRow,
    MetricRow,
    ModelRow,
    OutputArtifactRow,
    PromptRow,
    Row,
    RunRow,
    ScoreRow,
    SetScoreRow,
    SuiteRow,
    TagRow,
)
from evalharness.ledger.store import Store

START = datetime(2026, 3, 1, 12)
RECIPE = "recipe-1"


def sha(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def prompt_digest(prompt: int, target: str | None = None) -> str:
    return sha("prompt", prompt, target)


class Bench:
    """Rows laid out by hand, then written through the journal and published."""

    def __init__(self, root: Path) -> None:
        self.store = Store.create(root)
        self.rows: list[Row] = []
        self.now = START
        self.run = "run-1"
        self.prompt_of: dict[str, int] = {}

    def stamp(self) -> dict[str, object]:
        self.now += timedelta(seconds=1)
        return {"run": self.run, "made_at": self.now}

    def add(self, row_type: Callable[..., Row], /, **fields: object) -> None:
        self.rows.append(row_type(**{**fields, **self.stamp()}))

    def begin(self, run: str, hours: int = 0, **fields: object) -> None:
        """A run's row; what follows is of this run."""
        told: dict[str, object] = {
            "command": "run", "status": "finished", "started_at": START + timedelta(hours=hours),
            "ended_at": None,
        } | dict.fromkeys(
            ("arguments", "resolved", "versions", "machine", "git"), JsonText("{}")
        )  # fmt: skip
        self.run = run
        self.add(RunRow, **(told | fields))

    def suite(
        self,
        name: str = "tiny",
        version: int = 1,
        prompts: int = 12,
        metrics: tuple[str, ...] = ("clip_score", "fid"),
        title: str = "Tiny world",
        target: str | None = None,
        same: tuple[int, ...] = (),
        checks: Callable[[int], Mapping[str, object]] = lambda prompt: {},
    ) -> str:
        """Prompts in `same` all have the text of prompt 0; the target changes prompts' digests."""
        digest = sha("suite", name, version)
        self.add(
            SuiteRow, digest=digest, suite=name, version=version, title=title,
            protocol="recommended", modality="image", reference=None,
            specification=JsonText(json.dumps({"name": name, "metrics": metrics})),
        )  # fmt: skip
        for p in range(prompts):
            self.add(
                PromptRow, suite=digest, prompt_id=f"p{p}", position=p,
                digest=prompt_digest(p, target), subject=sha("text", 0 if p in same else p),
                text=f"prompt {0 if p in same else p}", target=target,
                checks=JsonText(json.dumps(checks(p))),
            )  # fmt: skip
            self.add(
                TagRow, suite=digest, prompt_id=f"p{p}", tag="style",
                value="photo" if p % 2 else "pixel",
            )  # fmt: skip
            self.add(
                TagRow, suite=digest, prompt_id=f"p{p}", tag="half",
                value="first" if p < prompts / 2 else "second",
            )  # fmt: skip
        return digest

    def metric(
        self,
        name: str = "clip_score[tiny]",
        direction: str = "higher",
        level: str = "output",
        unit: str = "",
        recipe: str = RECIPE,
    ) -> None:
        self.add(
            MetricRow, metric=name, version=1, title=name.title(), unit=unit,
            direction=direction, level=level, recipe=recipe,
        )  # fmt: skip

    def model(
        self,
        name: str,
        setting: int = 1,
        title: str = "",
        licence: str | None = "MIT",
        variant: str | None = None,
        source: str | None = None,
        adapters: tuple[str, ...] = (),
        base: str | None = None,
        **settings: object,
    ) -> str:
        variant = variant or sha("variant", name, setting)
        told: dict[str, object] = {"base": base} if base else {}
        if adapters:
            told["adapters"] = [{"source": adapter} for adapter in adapters]
        self.add(
            ModelRow, variant=variant, model=name, title=title, digest=sha("model", name),
            backend="fake", source=f"fake:{name}" if source is None else source, modality="image",
            revision=f"sha256:{sha('weights', name, setting)}", licence=licence,
            price_per_1000=None, settings=JsonText(json.dumps(settings or {"s": setting})),
            specification=JsonText(json.dumps(told)),
        )  # fmt: skip
        return variant

    def job(
        self,
        suite: str,
        model: str,
        prompt: int,
        seed: int,
        setting: int = 1,
        key: str | None = None,
        variant: str | None = None,
    ) -> str:
        key = key or sha("job", model, prompt, seed, setting)
        self.prompt_of[key] = prompt
        self.add(
            JobRow, job_key=key, model=sha("model", model), prompt=prompt_digest(prompt),
            text=f"prompt {prompt}, TOK", negative="blurry", seed=seed,
            settings=JsonText(json.dumps({"s": setting})), backend="fake", backend_version=3,
        )  # fmt: skip
        self.add(
            MemberRow, suite=suite, variant=variant or sha("variant", model, setting), model=model,
            prompt_id=f"p{prompt}", seed=seed, job_key=key,
        )  # fmt: skip
        return key

    def attempt(
        self, key: str, status: str = "ok", take: int = 0, attempt: int = 1, reason: str = ""
    ) -> None:
        self.add(
            AttemptRow, job_key=key, take=take, attempt=attempt, status=status, reason=reason,
            duration_s=1.5, batch_size=4, padded=True, peak_memory_bytes=1 << 20, cost=None,
            device="cpu", notes=JsonText('["slow"]'),
        )  # fmt: skip

    def artifact(
        self,
        key: str,
        take: int = 0,
        attempt: int = 1,
        text: str | None = None,
        content: object = None,
    ) -> str:
        digest = sha("bytes", *((key, take, attempt) if content is None else (content,)))
        self.add(
            ArtifactRow, sha256=digest, kind="picture" if text is None else "text",
            format="png" if text is None else "txt", bytes=99, width=64, height=48, frames=None,
            fps=None, duration_s=None, sample_rate=None, text=text,
        )  # fmt: skip
        self.add(
            OutputArtifactRow, job_key=key, take=take, attempt=attempt, position=0, sha256=digest
        )
        return digest

    def score(
        self,
        key: str,
        value: float | None,
        metric: str = "clip_score[tiny]",
        take: int = 0,
        status: str = "ok",
        reason: str = "",
        recipe: str = RECIPE,
        prompt: str | None = None,
    ) -> None:
        self.add(
            ScoreRow, job_key=key, take=take, metric=metric, recipe=recipe,
            prompt=prompt or prompt_digest(self.prompt_of[key]), score_key=sha(key, take, metric),
            status=status, reason=reason, value=value,
        )  # fmt: skip

    def set_score(self, suite: str, model: str, metric: str, **fields: object) -> None:
        facts: dict[str, object] = {
            "status": "ok", "reason": "", "value": 1.0, "low": None, "high": None, "n": 1,
            "reference": None, "recipe": RECIPE, "variant": sha("variant", model, 1),
        } | fields  # fmt: skip
        self.add(
            SetScoreRow, suite=suite, metric=metric,
            score_key=sha(suite, model, metric), **facts,
        )  # fmt: skip

    def scored(
        self, suite: str, model: str, values: Mapping[tuple[int, int], float], metric: str
    ) -> None:
        """Ok outputs of (prompt, seed) with their scores."""
        for (prompt, seed), value in values.items():
            key = self.job(suite, model, prompt, seed)
            self.attempt(key)
            self.score(key, value, metric)

    def publish(self) -> duckdb.DuckDBPyConnection:
        if self.rows:
            Journal(self.store, self.run).write(self.rows)
            self.rows = []
        with Ingester(self.store) as ingester:
            ingester.ingest()
            ingester.publish()
        return connect(self.store)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "store")
