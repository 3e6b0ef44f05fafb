"""References in whole runs: looked at once, in blocks, never half a set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.core.errors import HarnessError
from evalharness.metrics.moments import moments_of_blocks
from evalharness.runner.asked import Asked
from evalharness.runner.extract import FLUSH_ROWS
from tests.runner.test_references import pictures, png, write_folder, write_table

KID = ["kid[fake]"]


def test_equal_pictures_are_looked_at_once_wherever_they_are(go, model, suite, tmp_path, ask_sql):
    made = pictures(40)
    write_folder(tmp_path / "one", made)
    first = suite("one", prompts=10, metrics=KID, reference="folder:one")
    assert go(Asked(suites=(first,), models=(model("a"),))).features == 60
    write_table(tmp_path / "two.parquet", [*made, *pictures(2, seed=1)])
    second = suite("two", prompts=10, metrics=KID, reference="parquet:two.parquet")
    assert go(Asked(suites=(second,), models=(model("a"),))).features == 2
    assert ask_sql("SELECT count(*) FROM reference_members GROUP BY reference ORDER BY 1") == [
        (40,),
        (42,),
    ]
    again = go(Asked(suites=(first, second), models=(model("a"),)))
    assert again.features == 0


def test_a_long_reference_cut_short_is_not_whole_until_it_is(go, model, suite, tmp_path, ask_sql):
    folder = write_folder(tmp_path / "photos", pictures(FLUSH_ROWS + 40))
    last = folder / f"{FLUSH_ROWS + 39:03}.png"
    last.write_bytes(b"no picture")
    path = suite(prompts=40, metrics=[*KID, "clip_score[fake]"], reference="folder:photos")
    asked = Asked(suites=(path,), models=(model("a"),))
    report = go(asked)
    assert last.name in report.problems["fake"]
    [(recorded, lowest)] = ask_sql("SELECT count(*), min(position) FROM reference_members")
    assert (recorded > 0, lowest) == (True, FLUSH_ROWS)
    query = "SELECT value, reason FROM set_scores WHERE metric = 'kid[fake]'"
    [(value, reason)] = ask_sql(query)
    assert value is None
    assert "has not been looked at" in reason
    # what else was looked at is kept
    assert ask_sql("SELECT count(*) FROM scores WHERE status = 'ok'") == [(80,)]
    last.write_bytes(png(pictures(1, seed=5)[0]))
    go(asked)
    assert ask_sql(query)[0][0] is not None


def test_moments_have_no_pictures_to_compare_with(go, model, suite, tmp_path, ask_sql):
    np.savez(tmp_path / "stats.npz", mu=np.zeros(16), sigma=np.eye(16))
    path = suite(prompts=40, metrics=KID, reference="npz:stats.npz")
    report = go(Asked(suites=(path,), models=(model("a"),)))
    assert not report.problems
    [(value, reason)] = ask_sql("SELECT value, reason FROM set_scores")
    assert value is None
    assert "npz:stats.npz holds the mean and covariance only" in reason


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5).filter(lambda sizes: sum(sizes) > 1),
    st.sampled_from([0.0, 1e3]),
)
def test_moments_of_blocks_are_those_of_all_rows(sizes: list[int], offset: float) -> None:
    rng = np.random.default_rng(len(sizes))
    blocks = [(offset + rng.normal(size=(k, 3))).astype(np.float32) for k in sizes]
    found = moments_of_blocks(iter(blocks))
    rows = np.concatenate(blocks).astype(np.float64)
    assert found.n == len(rows)
    np.testing.assert_allclose(found.mean, rows.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(rows, rowvar=False), atol=1e-10)


@pytest.mark.parametrize("blocks", [[], [np.zeros((1, 2))], [np.full((3, 2), np.nan)]])
def test_moments_need_two_finite_rows(blocks: list[np.ndarray]) -> None:
    with pytest.raises(HarnessError):
        moments_of_blocks(iter(blocks))
