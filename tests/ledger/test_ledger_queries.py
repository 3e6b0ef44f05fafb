from __future__ import annotations

import numpy as np

from evalharness.core.outcomes import FeatureValue, Status
from evalharness.ledger import queries
from evalharness.ledger.published import connect
from evalharness.ledger.queries import Finished, StoredArtifact
from evalharness.ledger.rows import SetScoreRow
from evalharness.ledger.store import Store


def test_finished_tells_the_newest_take(store: Store, make, load) -> None:
    load(
        store,
        [
            make.attempt("a"),
            make.attempt("a", take=2, status="oom"),
            make.attempt("a", 2, take=2, status="refused", reason="no"),
            make.attempt("a", 3, take=2, status="failed"),
            make.attempt("b", status="failed"),
            make.attempt("b", 2, status="timeout"),
            make.attempt("c"),
        ],
    )
    with connect(store) as connection:
        assert queries.finished(connection, ["a", "b", "never"]) == {
            "a": Finished(2, Status.REFUSED, 2),
            "b": Finished(1, Status.TIMEOUT, 2),
        }
        assert queries.finished(connection, []) == {}
        assert queries.attempts_of(connection, ["a", "b", "never"], 2) == {"a": 3}
        assert queries.attempts_of(connection, ["a", "b"], 1) == {"a": 1, "b": 2}
        assert queries.attempts_of(connection, [], 1) == {}


def test_artifacts_are_those_of_the_deciding_attempt(store: Store, make, load) -> None:
    load(
        store,
        [
            make.attempt("a"),
            make.attempt("a", 2, status="failed"),
            make.attempt("b"),
            make.output_artifact("a", 1, 1, "second"),
            make.output_artifact("a", 1, 0, "first"),
            make.output_artifact("a", 2, 0, "of a failure"),
            make.output_artifact("b", 1, 0, "first"),
            *(make.text_artifact(name, name) for name in ("first", "second", "of a failure")),
        ],
    )
    with connect(store) as connection:
        found = queries.artifacts_of(connection, [("a", 1), ("a", 2), ("zz", 1)])
        assert found == [
            StoredArtifact("a", 1, 0, "first", "text", 5, "first"),
            StoredArtifact("a", 1, 1, "second", "text", 6, "second"),
        ]
        assert queries.artifacts_of(connection, []) == []
        assert len(queries.artifacts_of(connection, [("a", 1), ("b", 1)])) == 3


def test_features_come_back_as_values(store: Store, make, load) -> None:
    load(
        store,
        [
            make.feature("v", [1.5, -2.0, 3.25]),
            make.feature("w", [4.0]),
            make.feature("t", None, text="OPEN", scalar=0.5, detail='{"boxes": [1]}'),
            make.feature("bad", None, status="failed", reason="broke"),
        ],
    )
    with connect(store) as connection:
        assert queries.existing_feature_keys(connection, ["v", "t", "bad", "zz"]) == {"v", "t"}
        assert queries.existing_feature_keys(connection, []) == set()
        found = queries.features_of(connection, ["v", "w", "t", "bad", "zz"])
        assert queries.features_of(connection, []) == {}
    assert set(found) == {"v", "w", "t"}
    assert found["t"] == FeatureValue(None, 0.5, "OPEN", {"boxes": [1]})
    for key, expected in (("v", [1.5, -2.0, 3.25]), ("w", [4.0])):
        vector = found[key].vector
        assert vector is not None
        assert vector.dtype == np.float32
        assert vector.tolist() == expected


def test_many_wide_features_keep_their_rows(store: Store, make, load) -> None:
    vectors = np.random.default_rng(0).normal(size=(5000, 16)).astype(np.float32)
    load(store, [make.feature(f"f{i}", vector) for i, vector in enumerate(vectors)])
    with connect(store) as connection:
        found = queries.features_of(connection, [f"f{i}" for i in range(5000)])
    assert np.array_equal(np.stack([found[f"f{i}"].vector for i in range(5000)]), vectors)


def test_score_keys_of_both_kinds(store: Store, make, load) -> None:
    row = make.score("a", "m")
    of_set = SetScoreRow(
        run="r", made_at=row.made_at, suite="s", variant="v", metric="m", score_key="set",
        status="too_few", reason="n", value=None, low=None, high=None, n=3, reference=None,
    )  # fmt: skip
    load(store, [row, of_set])
    with connect(store) as connection:
        asked = ["m/a", "set", "zz", "'; DROP TABLE scores; --"]
        assert queries.existing_score_keys(connection, asked) == {"m/a", "set"}
        assert queries.existing_score_keys(connection, asked) == {"m/a", "set"}
