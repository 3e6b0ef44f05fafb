from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from evalharness.ledger import rows
from evalharness.ledger.artifacts import ArtifactFacts, store_picture, store_text
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import JsonText, Row
from evalharness.ledger.store import Store
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, Scene, Thing
from tests.app.opened import app
from tests.app.served import serving
from tests.browser import Visit

START = datetime(2026, 3, 1, 9, 0, 0)
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> **bold** [go](javascript:alert(1)) $x$"
RUN = "fixture"


def _sha(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class Painted:
    """A store filled through the ledger's own doors, with pictures of the embedded world."""

    def __init__(self, root: Path) -> None:
        self.store = Store.create(root)
        self.journal = Journal(self.store, RUN)
        self.clock = START
        self.rows: list[Row] = []

    def now(self) -> datetime:
        self.clock += timedelta(milliseconds=10)
        return self.clock

    def stamp(self) -> dict[str, object]:
        return {"run": RUN, "made_at": self.now()}

    def pixels(self) -> np.ndarray:
        return _pixels(0, 0, 0)

    def write(self, made: list[Row]) -> None:
        self.rows += made

    def publish(self) -> None:
        self.journal.write(self.rows)
        self.rows = []
        with Ingester(self.store) as ingester:
            ingester.ingest()
            ingester.publish()

    def suite(self, name: str, title: str, modality: str, metrics: list[str]) -> str:
        digest = _sha("suite", name)
        self.write(
            [
                rows.SuiteRow(
                    digest=digest,
                    suite=name,
                    version=1,
                    title=title,
                    protocol="recommended",
                    modality=modality,
                    reference=None,
                    specification=JsonText(json.dumps({"metrics": metrics})),
                    **self.stamp(),
                )
            ]
        )
        return digest

    def model(self, name: str, title: str, licence: str | None = "Apache-2.0") -> str:
        variant = _sha("variant", name)
        self.write(
            [
                rows.ModelRow(
                    variant=variant,
                    model=name,
                    title=title,
                    digest=_sha("model", name),
                    backend="painter",
                    source=f"painter:{name}",
                    revision=_sha("rev", name)[:40],
                    modality="image",
                    licence=licence,
                    price_per_1000=None,
                    settings=JsonText('{"steps": 20, "guidance": 2.0}'),
                    specification=JsonText("{}"),
                    **self.stamp(),
                )
            ]
        )
        return variant

    def metric(self, name: str, title: str, unit: str, direction: str, level: str) -> None:
        self.write(
            [
                rows.MetricRow(
                    metric=name,
                    version=1,
                    title=title,
                    unit=unit,
                    direction=direction,
                    level=level,
                    recipe="r1",
                    **self.stamp(),
                )
            ]
        )

    def prompt(self, suite: str, place: int, name: str, text: str, tags: dict[str, str]) -> None:
        made: list[Row] = [
            rows.PromptRow(
                suite=suite,
                prompt_id=name,
                position=place,
                digest=_sha("prompt", text),
                subject=_sha("subject", text),
                text=text,
                target=None,
                checks=JsonText("{}"),
                **self.stamp(),
            )
        ]
        made += [
            rows.TagRow(suite=suite, prompt_id=name, tag=tag, value=value, **self.stamp())
            for tag, value in tags.items()
        ]
        self.write(made)

    def output(
        self,
        suite: str,
        variant: str,
        model: str,
        prompt: tuple[str, str],
        seed: int,
        *,
        status: str = "ok",
        reason: str = "",
        media: ArtifactFacts | None = None,
        scores: dict[str, float | str] | None = None,
        tried: bool = True,
    ) -> tuple[list[Row], str]:
        name, text = prompt
        job = _sha("job", suite, model, name, seed)
        made: list[Row] = [
            rows.JobRow(
                job_key=job,
                model=model,
                prompt=_sha("prompt", text),
                text=f"{text}, drawn",
                negative="blurry",
                seed=seed,
                settings=JsonText('{"steps": 20, "guidance": 2.0}'),
                backend="painter",
                backend_version=1,
                **self.stamp(),
            ),
            rows.MemberRow(
                suite=suite,
                variant=variant,
                model=model,
                prompt_id=name,
                seed=seed,
                job_key=job,
                **self.stamp(),
            ),
        ]
        if tried:
            made.append(
                rows.AttemptRow(
                    job_key=job,
                    take=1,
                    attempt=1,
                    status=status,
                    reason=reason,
                    duration_s=0.42,
                    batch_size=4,
                    padded=False,
                    peak_memory_bytes=312 << 20,
                    cost=None,
                    device="cpu",
                    notes=JsonText("[]"),
                    **self.stamp(),
                )
            )
        if media is not None:
            made.append(media.row(RUN, self.now()))
            made.append(
                rows.OutputArtifactRow(
                    job_key=job, take=1, attempt=1, position=0, sha256=media.sha256, **self.stamp()
                )
            )
        for metric, value in (scores or {}).items():
            failed = isinstance(value, str)
            made.append(
                rows.ScoreRow(
                    job_key=job,
                    take=1,
                    prompt=_sha("prompt", text),
                    metric=metric,
                    recipe="r1",
                    score_key=_sha("score", job, metric),
                    status="failed" if failed else "ok",
                    reason=value if failed else "",
                    value=None if failed else value,
                    **self.stamp(),
                )
            )
        return made, job

    def set_score(
        self,
        suite: str,
        variant: str,
        metric: str,
        n: int,
        value: float | None,
        low: float | None = None,
        high: float | None = None,
        reason: str = "",
    ) -> None:
        self.write(
            [
                rows.SetScoreRow(
                    suite=suite,
                    variant=variant,
                    metric=metric,
                    recipe="r1",
                    score_key=_sha("set", suite, variant, metric),
                    status="ok" if value is not None else "failed",
                    reason=reason,
                    value=value,
                    low=low,
                    high=high,
                    n=n,
                    reference=None,
                    **self.stamp(),
                )
            ]
        )


MODELS = {
    "tiny-base": ("Tiny base", 0.31, 0.9),
    "tiny-undertrained": ("Tiny base, undertrained", 0.24, 0.9),
    "painter-photo": ("Careful painter", 0.33, 0.05),
    "painter-hasty": ("Hasty painter", 0.29, 0.02),
    "painter-timid": ("Timid painter", 0.325, 0.04),
}
METRICS = ["clip_score", "fid", "kid", "latency", "peak_memory"]
PROMPTS = 12
SEEDS = (0, 1)


def _pixels(place: int, model: int, seed: int) -> np.ndarray:
    scene = Scene(
        thing=Thing(OBJECTS[(place + (model == 1)) % 8], list(COLOURS)[(place * 3 + seed) % 8]),
        count=1 + place % 3,
        aesthetic=AESTHETICS[(place + model) % 4],
    )
    return render(scene, np.random.default_rng((place, model, seed)))


def _fill_pictures(painted: Painted) -> str:
    suite = painted.suite("tinyworld", "The embedded world", "image", METRICS)
    painted.metric("clip_score[tiny-clip]", "CLIP score", "", "higher", "output")
    painted.metric("latency", "Latency", "s", "lower", "output")
    painted.metric("peak_memory", "Peak memory", "GiB", "lower", "output")
    painted.metric("fid[tiny-clip]", "Fréchet distance", "", "lower", "set")
    painted.metric("kid[tiny-clip]", "Kernel distance", "", "lower", "set")
    prompts = []
    for place in range(PROMPTS):
        thing = OBJECTS[place % 8]
        text = f"{('one', 'two', 'three')[place % 3]} {list(COLOURS)[place * 3 % 8]} {thing}"
        name = f"p{place:02d}"
        tags = {"category": "counts" if place % 3 else "single", "look": AESTHETICS[place % 4]}
        painted.prompt(suite, place, name, text, tags)
        prompts.append((name, text))
    rng = np.random.default_rng(5)
    made: list[Row] = []
    for number, (model, (title, quality, seconds)) in enumerate(MODELS.items()):
        variant = painted.model(model, title, None if "painter" in model else "Apache-2.0")
        for place, prompt in enumerate(prompts):
            for seed in SEEDS:
                made += _one(
                    painted,
                    suite,
                    variant,
                    model,
                    number,
                    place,
                    prompt,
                    seed,
                    quality,
                    seconds,
                    rng,
                )
        _set_scores(painted, suite, variant, number)
    painted.write(made)
    return suite


def _one(
    painted: Painted,
    suite: str,
    variant: str,
    model: str,
    number: int,
    place: int,
    prompt: tuple[str, str],
    seed: int,
    quality: float,
    seconds: float,
    rng: np.random.Generator,
) -> list[Row]:
    if model == "painter-timid" and place in (1, 4):
        return painted.output(
            suite,
            variant,
            model,
            prompt,
            seed,
            status="refused",
            reason="The painter does not draw this.",
        )[0]
    if model == "tiny-undertrained" and place == 2:
        return painted.output(
            suite,
            variant,
            model,
            prompt,
            seed,
            status="oom",
            reason="Out of memory at batch size 1.",
        )[0]
    if model == "painter-hasty" and place == PROMPTS - 1:
        return painted.output(suite, variant, model, prompt, seed, tried=False)[0]
    media = store_picture(painted.store, _pixels(place, number, seed if place < 4 else 0))
    scores: dict[str, float | str] = {
        "clip_score[tiny-clip]": quality + 0.03 * rng.normal() + 0.02 * np.sin(place),
        "latency": seconds * (1 + 0.05 * abs(rng.normal())),
        "peak_memory": 0.31 + 0.1 * (number < 2),
    }
    return painted.output(suite, variant, model, prompt, seed, media=media, scores=scores)[0]


def _set_scores(painted: Painted, suite: str, variant: str, number: int) -> None:
    painted.set_score(
        suite, variant, "fid[tiny-clip]", 24, None, reason="24 outputs, at least 256 needed"
    )
    middle = (0.012, 0.031, 0.009, 0.015, 0.0095)[number]
    painted.set_score(suite, variant, "kid[tiny-clip]", 24, middle, middle - 0.002, middle + 0.002)


def _fill_texts(painted: Painted) -> None:
    suite = painted.suite("answers", "Short answers", "text", ["exact_match"])
    painted.metric("exact_match", "Exact match", "share", "higher", "output")
    variant = painted.model("echo", "Echo")
    made: list[Row] = []
    for place in range(3):
        prompt = (f"q{place}", f"What is {place} + {place}?")
        painted.prompt(suite, place, *prompt, {})
        media = store_text(painted.store, f"It is {2 * place}.")
        made += painted.output(
            suite, variant, "echo", prompt, 0, media=media, scores={"exact_match": float(place > 0)}
        )[0]
    painted.write(made)


def _fill_hostile(painted: Painted) -> None:
    suite = painted.suite("hostile", HOSTILE, "image", ["clip_score"])
    variant = painted.model(HOSTILE, HOSTILE, HOSTILE)
    painted.prompt(suite, 0, HOSTILE, HOSTILE, {HOSTILE: HOSTILE, "kind": "plain"})
    painted.prompt(suite, 1, "second", "=cmd()", {"kind": "plain"})
    media = store_text(painted.store, HOSTILE)
    made, _ = painted.output(
        suite,
        variant,
        HOSTILE,
        (HOSTILE, HOSTILE),
        0,
        media=media,
        scores={"clip_score[tiny-clip]": 0.2},
    )
    more, _ = painted.output(
        suite, variant, HOSTILE, ("second", "=cmd()"), 0, status="failed", reason=HOSTILE
    )
    painted.write(made + more)


def _fill_growing(painted: Painted) -> None:
    """A suite that was planned and not begun; `grow` answers it."""
    suite = painted.suite("growing", "Growing", "text", [])
    painted.prompt(suite, 0, "p", "Say hello.", {})
    variant = painted.model("grower", "Grower")
    painted.write(painted.output(suite, variant, "grower", ("p", "Say hello."), 0, tried=False)[0])


def grow(painted: Painted) -> None:
    suite, variant = _sha("suite", "growing"), _sha("variant", "grower")
    media = store_text(painted.store, "Hello from a run that goes on.")
    painted.write(painted.output(suite, variant, "grower", ("p", "Say hello."), 0, media=media)[0])
    painted.publish()


def fill(root: Path) -> Painted:
    painted = Painted(root)
    _fill_growing(painted)
    _fill_pictures(painted)
    _fill_texts(painted)
    _fill_hostile(painted)
    painted.publish()
    return painted


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Painted:
    return fill(tmp_path_factory.mktemp("painted") / "results")


@pytest.fixture(scope="session")
def server(painted: Painted) -> Iterator[tuple[str, int]]:
    with serving(painted.store.root) as found:
        yield found


@pytest.fixture(scope="session")
def address(server: tuple[str, int]) -> str:
    return server[0]


@pytest.fixture
def grow_store(painted: Painted) -> Callable[[], None]:
    return lambda: grow(painted)


@pytest.fixture
def make_store() -> type[Painted]:
    return Painted


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def open_app(painted: Painted, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def opened(page: str = "", /, **address: Any) -> AppTest:
        return app(painted.store.root, monkeypatch, page, address)

    return opened


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Visit]:
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(30_000)
    found = Visit(page, address)
    yield found
    page.close()
    assert found.foreign == []
