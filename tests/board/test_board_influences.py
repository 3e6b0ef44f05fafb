from __future__ import annotations

import numpy as np
import pytest

from evalharness.board.influences import (
    HurtfulPicture,
    hurting_most,
    set_column,
    set_difference,
)
from evalharness.board.paired import PairedDifference
from evalharness.board.selection import Selection, select
from evalharness.core.keys import feature_key, instrument_recipe, metric_recipe
from evalharness.core.nouns import Instrument
from evalharness.ledger.rows import FeatureRow, ReferenceRow
from evalharness.metrics.influence import fid_column, kid_column
from evalharness.metrics.reference import ReferenceRows
from tests.board.conftest import Bench, sha

FAKE = Instrument(name="fake", extractor="fake")
WEIGHTS = "sha256:now"
PROMPTS, SEEDS, D = 70, 4, 3
METRICS = ("fid[fake]", "kid[fake]", "cmmd[fake]")


def saw(bench: Bench, subject: str, vector: np.ndarray, weights: str = WEIGHTS) -> None:
    bench.add(
        FeatureRow, feature_key=feature_key(subject, FAKE, weights, 1), subject=subject,
        kind="picture", instrument="fake", extractor="fake", weights=weights, version=1,
        status="ok", reason="", vector=vector.astype(np.float32), scalar=None, text=None,
        detail=None,
    )  # fmt: skip


def paint(bench: Bench, suite: str, model: str, shift: float, prompts: int = PROMPTS) -> np.ndarray:
    """Pictures of a model as the instrument sees them, (P, K, D)."""
    common = np.random.default_rng(1).normal(size=(PROMPTS, 1, D))
    own = np.random.default_rng(len(model)).normal(size=(PROMPTS, SEEDS, D))
    vectors = ((common + own) / np.sqrt(2) + shift)[:prompts].astype(np.float32)
    bench.model(model)
    for p in range(prompts):
        for s in range(SEEDS):
            key = bench.job(suite, model, p, s)
            bench.attempt(key)
            saw(bench, bench.artifact(key), vectors[p, s])
    for metric in METRICS:
        bench.set_score(suite, model, metric, reference="ref", recipe=recipe(metric))
    return vectors


def recipe(metric: str) -> str:
    return metric_recipe(metric, 1, instrument_recipe(FAKE, WEIGHTS, 1))


def refer(bench: Bench, n: int = 300) -> ReferenceRows:
    vectors = np.random.default_rng(9).normal(size=(n, D)).astype(np.float32)
    for i, vector in enumerate(vectors):
        bench.add(ReferenceRow, reference="ref", position=i, subject=sha("reference", i))
        saw(bench, sha("reference", i), vector)
    return ReferenceRows(vectors)


def lay_out(bench: Bench) -> str:
    suite = bench.suite(prompts=PROMPTS, metrics=("fid", "kid"))
    for metric in METRICS:
        bench.metric(metric, direction="lower", level="set", recipe=recipe(metric))
    return suite


def published(bench: Bench, suite: str) -> tuple[object, Selection]:
    connection = bench.publish()
    return connection, select(connection, suite)


def test_a_column_has_the_metrics_value_and_a_difference_its_interval(bench: Bench) -> None:
    suite = lay_out(bench)
    reference = refer(bench)
    near, far = paint(bench, suite, "near", 0.0), paint(bench, suite, "other", 0.4)
    connection, selection = published(bench, suite)
    prompts = np.repeat(np.arange(PROMPTS), SEEDS)
    for metric, column in (("fid[fake]", fid_column), ("kid[fake]", kid_column)):
        of_near = column(near.reshape(-1, D), reference, prompts)
        of_far = column(far.reshape(-1, D), reference, prompts)
        found = set_column(connection, selection, metric, 0)
        assert found.prompts == tuple(f"p{p}" for p in range(PROMPTS))
        assert (found.n, found.value) == (PROMPTS * SEEDS, pytest.approx(of_near.value))
        assert found.values.mean() == pytest.approx(found.value)
        paired = set_difference(connection, selection, metric, 0, 1)
        assert paired.difference == pytest.approx(of_far.value - of_near.value)
        moved = (of_far.influence - of_near.influence).reshape(PROMPTS, SEEDS).mean(axis=1)
        assert paired.spread == pytest.approx(moved.std(ddof=1))
        assert paired.low > 0


def test_only_what_both_answered_is_compared(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    paint(bench, suite, "other", 0.4, prompts=66)
    connection, selection = published(bench, suite)
    assert set_difference(connection, selection, "fid[fake]", 0, 1).prompts == 66
    assert set_column(connection, selection, "fid[fake]", 0).n == PROMPTS * SEEDS
    assert set_column(connection, selection, "kid[fake]", 0, seeds=(0,)).n == PROMPTS


def test_the_pictures_that_hurt_most_are_named_the_worst_first(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    key = bench.job(suite, "near", 3, 99)
    bench.attempt(key)
    odd = bench.artifact(key)
    saw(bench, odd, np.full(D, 9.0))
    connection, selection = published(bench, suite)
    worst = hurting_most(connection, selection, "fid[fake]", 0, top=2)
    assert worst[0] == HurtfulPicture("p3", 99, odd, worst[0].harm)
    assert worst[0].harm > worst[1].harm > 0


def test_too_few_pictures_have_no_interval(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    paint(bench, suite, "other", 0.4, prompts=50)
    connection, selection = published(bench, suite)
    told = set_difference(connection, selection, "fid[fake]", 0, 1)
    assert told == "200 pictures, at least 256 needed for an interval"
    assert isinstance(set_difference(connection, selection, "cmmd[fake]", 0, 1), PairedDifference)


def test_too_small_a_reference_has_none(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench, 100)
    paint(bench, suite, "near", 0.0)
    connection, selection = published(bench, suite)
    told = set_column(connection, selection, "fid[fake]", 0)
    assert told == "100 reference pictures, at least 256 needed for an interval"


def test_features_of_other_weights_do_not_count(bench: Bench) -> None:
    suite = lay_out(bench)
    refer(bench)
    paint(bench, suite, "near", 0.0)
    for metric in METRICS:  # the instrument has changed since
        bench.metric(metric, direction="lower", level="set", recipe="newer")
    connection, selection = published(bench, suite)
    assert set_column(connection, selection, "fid[fake]", 0) == "not scored yet"


def test_a_difference_needs_one_reference_one_suite_and_a_known_metric(bench: Bench) -> None:
    suite = lay_out(bench)
    paint(bench, suite, "near", 0.0)
    paint(bench, suite, "other", 0.0)
    connection, selection = published(bench, suite)

    def told(metric: str, where: dict[str, str] | None = None) -> object:
        chosen = select(connection, suite, where)
        return set_difference(connection, chosen, metric, 0, 1)

    assert told("fid[fake]") == "only moments of the reference are known, not its pictures"
    assert told("fid[fake]", {"style": "photo"}) == "whole suite only"
    assert told("vendi[fake]") == "no interval is known for vendi"
    bench.set_score(suite, "near", "fid[fake]", reference="another", recipe=recipe("fid[fake]"))
    connection = bench.publish()
    assert "another reference set" in set_difference(connection, selection, "fid[fake]", 0, 1)
