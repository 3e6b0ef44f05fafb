"""A store of painters and one of trained networks, and briefs as their instruments see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from evalharness.api import run
from evalharness.board.suites import find_suite
from evalharness.core.brief import Brief, ReferenceFeatures, Space
from evalharness.core.errors import HarnessError
from evalharness.core.nouns import Model, Prompt
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.brief_features import brief_features, find_brief_looks
from tests.validity.choose_world import METRICS, REFERENCES, WORDS, Look, write_references
from tests.validity.laboratory import write_models, write_suite

STYLE_BY, WORDS_BY = "style-statistics", "tiny-clip"


@dataclass(frozen=True, slots=True)
class Asked:
    """A store with its answers, all references (n, d) by look, and all words by aesthetic."""

    connection: duckdb.DuckDBPyConnection
    style: Space
    references: dict[Look, NDArray[np.float32]]
    words: dict[str, list[ReferenceFeatures]]

    def some_references(
        self, looks: Sequence[Look], n: int, rng: np.random.Generator
    ) -> ReferenceFeatures:
        """`n` different references, drawn from those of these looks in turn."""
        picked = [rng.permutation(REFERENCES)[:n] for _ in looks]
        rows = np.stack(
            [self.references[looks[i % len(looks)]][picked[i % len(looks)][i]] for i in range(n)]
        )
        return ReferenceFeatures(self.style, rows, tuple(f"#{i + 1}" for i in range(n)))


@contextmanager
def asked(
    suites: dict[str, list[Prompt]],
    models: Sequence[Model | str],
    looks: Sequence[Look],
    folder: Path,
) -> Iterator[Asked]:
    """Run the suites (the last holds all prompts), and look at every brief."""
    store = folder / "store"
    files = [str(write_suite(name, METRICS, folder, 1, one)) for name, one in suites.items()]
    named = [model for model in models if isinstance(model, str)]
    painted = [model for model in models if isinstance(model, Model)]
    if painted:
        named.append(str(write_models(painted, folder / "painters.yaml")))
    report = run(files, models=named, store=store)
    if report.problems:
        raise HarnessError(f"the laboratory is incomplete: {report.problems}")
    connection = connect(Store.open(store))
    everything = find_suite(connection, list(suites)[-1]).digest
    connection.close()

    def seen(brief: Brief) -> ReferenceFeatures:
        return brief_features(store, everything, brief, find_brief_looks(brief, STYLE_BY, WORDS_BY))

    folders = [str(write_references(look, folder)) for look in looks]
    found = seen(Brief(references=tuple(folders)))
    assert found.references is not None
    assert found.style is not None
    by_look = np.split(found.references, len(looks))
    words = {name: [seen(Brief(words=phrase)) for phrase in said] for name, said in WORDS.items()}
    connection = connect(Store.open(store))
    try:
        yield Asked(connection, found.style, dict(zip(looks, by_look, strict=True)), words)
    finally:
        connection.close()
