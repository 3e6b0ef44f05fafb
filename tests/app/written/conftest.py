from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import evalharness
from tests.app.served import serving
from tests.app.verdicts import say, subjects_of
from tests.written import JUDGE, fill


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="session")
def written_address(written: Path) -> Iterator[str]:
    with serving(written) as (address, _):
        yield address


@pytest.fixture(scope="session")
def judged(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, judged by one that is fair and, on some prompts, by one that is hostile."""
    store = tmp_path_factory.mktemp("judged") / "store"
    shutil.copytree(written, store)
    evalharness.judge("written", JUDGE, models=["poor", "good"], store=store)
    say(store, subjects_of(store, ("sum", "choice", "label", "hostile")))
    say(store, subjects_of(store, ("pattern",)), failed=True)
    return store


@pytest.fixture(scope="session")
def judged_address(judged: Path) -> Iterator[str]:
    with serving(judged) as (address, _):
        yield address
