from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalharness.ledger.artifacts import store_picture, store_text
from evalharness.ledger.rows import Row
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, Scene, Thing
from tests.app.conftest import Painted, serving
from tests.browser import Visit

MODELS = {"mona": "Mona Secret", "ottokar": "Otto Secret", "pina": "Pina Secret"}
PROMPTS = 12
SHARP = "technical.sharpness[pixels]"


def _pixels(place: int, model: int) -> np.ndarray:
    thing = Thing(OBJECTS[place % 8], list(COLOURS)[(place + model) % 8])
    scene = Scene(thing=thing, count=1 + model, aesthetic=AESTHETICS[model])
    return render(scene, np.random.default_rng((place, model)))


def duel(root: Path) -> Painted:
    """Three models that answered twelve prompts with pictures, two that did with words.

    The later a model's name, the higher its score.
    """
    painted = Painted(root)
    suite = painted.suite("duel", "A duel", "image", [SHARP])
    painted.metric(SHARP, "Sharpness", "", "higher", "output")
    made: list[Row] = []
    for place in range(PROMPTS):
        painted.prompt(suite, place, f"p{place:02d}", f"picture number {place}", {
            "half": "first" if place < PROMPTS / 2 else "second"
        })  # fmt: skip
    for number, (model, title) in enumerate(MODELS.items()):
        variant = painted.model(model, title)
        for place in range(PROMPTS):
            prompt = (f"p{place:02d}", f"picture number {place}")
            media = store_picture(painted.store, _pixels(place, number))
            score: dict[str, float | str] = {SHARP: number + place / 100}
            made += painted.output(suite, variant, model, prompt, 0, media=media, scores=score)[0]
    painted.write(made)
    _words(painted)
    _alone(painted)
    painted.publish()
    return painted


def _words(painted: Painted) -> None:
    suite = painted.suite("words", "Words", "text", [])
    painted.prompt(suite, 0, "q", "Say <b>hello</b>.", {})
    for model in ("mona", "ottokar"):
        media = store_text(painted.store, f"Hello, <i>{len(model) * (model == 'mona')}</i>.")
        variant = painted.model(model, MODELS[model])
        prompt = ("q", "Say <b>hello</b>.")
        painted.write(painted.output(suite, variant, model, prompt, 0, media=media)[0])


def _alone(painted: Painted) -> None:
    """A suite of one model, and one in which no two answers differ."""
    single = painted.suite("single", "Single", "text", [])
    same = painted.suite("same", "Same", "text", [])
    media = store_text(painted.store, "All alike.")
    for suite, models in ((single, ["mona"]), (same, ["mona", "ottokar"])):
        painted.prompt(suite, 0, "q", "Say it.", {})
        for model in models:
            variant = painted.model(model, MODELS[model])
            painted.write(
                painted.output(suite, variant, model, ("q", "Say it."), 0, media=media)[0]
            )


@pytest.fixture(scope="session")
def duelling(tmp_path_factory: pytest.TempPathFactory) -> Painted:
    """A store that is only looked at."""
    return duel(tmp_path_factory.mktemp("duel") / "results")


@pytest.fixture
def own_duel(tmp_path: Path) -> Painted:
    """A store to vote in."""
    return duel(tmp_path / "results")


@pytest.fixture
def voting(browser: Any, own_duel: Painted) -> Iterator[Visit]:
    """A browser over a store to vote in, with what its page was sent."""
    with serving(own_duel.store.root) as (address, _):
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(30_000)
        found = Visit(page, address)
        yield found
        page.close()
        assert found.foreign == []
