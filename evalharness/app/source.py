"""What the pages read: the newest published copy of one store, never the ledger itself.

Results are kept per edition, so that a view is queried once per publication, and a run that
goes on shows up with its next one. Nothing stays open between two queries.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import duckdb
import streamlit as st

from evalharness.board.answers.prompts import prompts_of
from evalharness.board.columns import MetricColumn, metric_columns
from evalharness.board.families import bases
from evalharness.board.flagged import flagged_pictures
from evalharness.board.gallery import (
    AS_IT_IS,
    GalleryFacts,
    GalleryPage,
    OutputDetail,
    Sift,
    facts_of_gallery,
    gallery,
    meant_prompts,
    output_detail,
)
from evalharness.board.leaderboard import Board, SuiteEntry, leaderboard, suites, tags
from evalharness.board.selection import select
from evalharness.board.suites import find_suite
from evalharness.core.errors import StoreError
from evalharness.core.nouns import Prompt
from evalharness.ledger import published
from evalharness.ledger.database import is_damage
from evalharness.ledger.store import Store

STORE_VARIABLE = "EVALHARNESS_STORE"
"""Environment variable with the store's folder."""

Edition: TypeAlias = tuple[str, int, int]
"""Store, number of its newest published copy, and when that was named: a store that was deleted
and made again counts from 1 again."""

Where: TypeAlias = tuple[tuple[str, str], ...]
"""Tags a slice is restricted to, as pairs, because caches want what can be hashed."""


def store_path() -> Path:
    """The store the app was started with."""
    return Path(os.environ.get(STORE_VARIABLE, "results"))


def edition() -> Edition:
    """What is published now; number 0 when nothing is. Raises StoreError for a broken store."""
    path = store_path()
    if not path.exists():
        return str(path), 0, 0
    store = Store.open(path)
    number = published.current_number(store)
    named_at = store.current.stat().st_mtime_ns if number else 0
    return str(path), number, named_at


@contextmanager
def reading(of: Edition) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to what is published now, closed at the end.

    Raises StoreError when it is gone or damaged, also when that happens while it is read.
    """
    connection = published.connect(Store.open(of[0]))
    try:
        yield connection
    except duckdb.Error as error:
        if not (isinstance(error, duckdb.IOException) or is_damage(error)):
            raise
        raise StoreError(
            f"The published copy cannot be read any more: {str(error).splitlines()[0]}. It may "
            "have been removed; `evalharness rebuild` makes it again from the journal."
        ) from error
    finally:
        connection.close()


@st.cache_resource(max_entries=512, show_spinner=False)
def asked(of: Edition, suite: str, prompts: tuple[str, ...]) -> dict[str, Prompt]:
    """Prompts of a suite (by digest) with the pictures that were shown with them, by id."""
    with reading(of) as connection:
        return prompts_of(connection, suite, prompts)


@st.cache_resource(max_entries=8, show_spinner=False)
def known_suites(of: Edition) -> tuple[SuiteEntry, ...]:
    """Every version of every suite, the newest version of each first."""
    with reading(of) as connection:
        return suites(connection)


@st.cache_resource(max_entries=32, show_spinner=False)
def known_tags(of: Edition, suite: str) -> Mapping[str, Mapping[str, int]]:
    """Tag → value → number of prompts in a suite (by digest)."""
    with reading(of) as connection:
        return tags(connection, suite)


@st.cache_resource(max_entries=64, show_spinner=False)
def board_of(
    of: Edition, suite: str, where: Where, models: tuple[str, ...] = (), common: bool = False
) -> Board:
    """The leaderboard of a suite (by digest), restricted to tags, ranked among some models (all if
    none is named), and with `common` on prompts that all of these answered.
    """
    with reading(of) as connection:
        return leaderboard(
            connection, suite, dict(where) or None, models=models or None, common=common
        )


@st.cache_resource(max_entries=32, show_spinner=False)
def bases_of(of: Edition, suite: str) -> Mapping[str, str]:
    """The models of a suite (by digest) that were tuned from another one there, and which."""
    with reading(of) as connection:
        variants = select(connection, suite).variants
        found = zip(variants, bases(connection, variants), strict=True)
        return {variant.model: base for variant, base in found if base is not None}


@st.cache_resource(max_entries=128, show_spinner=False)
def gallery_of(
    of: Edition,
    suite: str,
    where: Where,
    models: tuple[str, ...],
    seed: int | None,
    offset: int,
    limit: int,
    sift: Sift = AS_IT_IS,
    metrics: tuple[str, ...] | None = None,
    whole: bool = False,
) -> GalleryPage:
    """A page of a suite's outputs; no models named means all of them, no metrics all scores; with
    `whole` every word of long answers.
    """
    meant = prompts_of_gallery(of, suite, where, models, seed, sift)
    with reading(of) as connection:
        return gallery(
            connection,
            suite,
            dict(where),
            models or None,
            seed,
            offset,
            limit,
            metrics=metrics,
            meant=meant,
            whole=whole,
        )


@st.cache_resource(max_entries=2, show_spinner=False)
def flagged_in(of: Edition) -> frozenset[str]:
    """The sha256 of the pictures that stay hidden until somebody asks for them."""
    with reading(of) as connection:
        return flagged_pictures(connection)


@st.cache_resource(max_entries=64, show_spinner=False)
def prompts_of_gallery(
    of: Edition, suite: str, where: Where, models: tuple[str, ...], seed: int | None, sift: Sift
) -> tuple[tuple[str, str], ...]:
    """(id, text) of what a gallery shows on all its pages; no models named means all of them."""
    with reading(of) as connection:
        return meant_prompts(connection, suite, dict(where), models or None, seed, sift)


@st.cache_resource(max_entries=32, show_spinner=False)
def columns_of(of: Edition, suite: str) -> tuple[MetricColumn, ...]:
    """The metrics on outputs of a suite (by digest)."""
    with reading(of) as connection:
        columns = metric_columns(connection, find_suite(connection, suite), None)
        return tuple(column for column in columns if column.level == "output")


@st.cache_resource(max_entries=32, show_spinner=False)
def gallery_facts(of: Edition, suite: str) -> GalleryFacts:
    """What a gallery of a suite (by digest) can be cut by."""
    with reading(of) as connection:
        return facts_of_gallery(connection, suite)


@st.cache_resource(max_entries=128, show_spinner=False)
def output_of(
    of: Edition, suite: str, job_key: str, take: int, model: str | None, prompt_id: str | None
) -> OutputDetail:
    """Everything about one output, told from a suite (by digest) as a model's answer to a prompt
    (None: any that it answers). Raises UnknownNameError.
    """
    with reading(of) as connection:
        return output_detail(connection, job_key, take, suite, model=model, prompt_id=prompt_id)
