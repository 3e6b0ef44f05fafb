"""Pictures made elsewhere, measured without a suite."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evalharness.cli.measure_verb import command
from evalharness.core.errors import BadInputError, HarnessError
from evalharness.core.outcomes import Picture
from evalharness.extractors.fake import FakeExtractor
from evalharness.metrics.fid import frechet_distance
from evalharness.runner.measure_folder import measure_folder
from tests.runner.test_references import pictures, write_folder, write_table

N = 130


def vectors(made: list[np.ndarray]) -> np.ndarray:
    extractor = FakeExtractor(None, None)  # type: ignore[arg-type]
    return np.stack([v.vector for v in extractor.extract([Picture(p) for p in made])])


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("made") / "ours", pictures(N))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("made") / "theirs.parquet", pictures(N + 5, seed=1))


def test_a_folder_against_a_table_through_the_command_line(ours: Path, theirs: Path) -> None:
    expected = frechet_distance(vectors(pictures(N)), vectors(pictures(N + 5, seed=1)))
    command = [sys.executable, "-m", "evalharness", "measure", "fid[fake]", str(ours)]
    ended = subprocess.run(
        [*command, "--reference", f"parquet:{theirs}"], check=True, capture_output=True, text=True
    )
    (row,) = (line for line in ended.stdout.splitlines() if "fid[fake]" in line)
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[1] == "fid[fake]"
    assert float(cells[2]) == pytest.approx(expected, rel=1e-6)
    assert cells[4:6] == [str(N), str(N + 5)]


def test_published_statistics_serve_without_their_pictures(ours: Path, tmp_path: Path) -> None:
    rows = vectors(pictures(N + 5, seed=1)).astype(np.float64)
    np.savez(tmp_path / "stats.npz", mu=rows.mean(0), sigma=np.cov(rows, rowvar=False))
    found = measure_folder("fid[fake]", str(ours), f"npz:{tmp_path / 'stats.npz'}")
    expected = frechet_distance(vectors(pictures(N)), rows)
    assert found.value.value == pytest.approx(expected, rel=1e-6)
    assert (found.n, found.reference_n, found.warning) == (N, None, "")
    np.savez(tmp_path / "other.npz", mu=np.zeros(3), sigma=np.eye(3))
    with pytest.raises(HarnessError, match="16 dimensions and the reference's 3"):
        measure_folder("fid[fake]", str(ours), f"npz:{tmp_path / 'other.npz'}")


def test_few_pictures_are_refused_unless_asked_for(tmp_path: Path, theirs: Path) -> None:
    few = write_folder(tmp_path / "few", pictures(12))
    with pytest.raises(HarnessError, match="needs at least 128"):
        measure_folder("fid[fake]", str(few), f"parquet:{theirs}")
    found = measure_folder("fid[fake]", str(few), f"parquet:{theirs}", any_number=True)
    expected = frechet_distance(vectors(pictures(12)), vectors(pictures(N + 5, seed=1)))
    assert found.value.value == pytest.approx(expected, rel=1e-6)
    assert "biased" in found.warning


def test_a_kept_store_is_looked_into_first(
    ours: Path, theirs: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "seen"
    first = measure_folder("kid[fake]", str(ours), f"parquet:{theirs}", store=store)
    assert "Looking" in capfd.readouterr().err
    again = measure_folder("kid[fake]", str(ours), f"parquet:{theirs}", store=store)
    assert "Looking" not in capfd.readouterr().err
    assert again.value == first.value


@pytest.mark.parametrize(
    ("metric", "reference", "message"),
    [
        ("clip_score[fake]", None, "needs more than pictures"),
        ("latency", None, "needs more than pictures"),
        ("fid[fake]", None, "expected --reference"),
        ("fid[fake]", "none", "There is no folder none"),
    ],
)
def test_what_cannot_be_measured_is_told(
    ours: Path, metric: str, reference: str | None, message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        measure_folder(metric, str(ours), reference)


def test_a_picture_that_cannot_be_read_stops_the_measurement(tmp_path: Path, theirs: Path) -> None:
    folder = write_folder(tmp_path / "photos", pictures(N))
    (folder / "000.png").write_bytes(b"no picture")
    with pytest.raises(HarnessError, match=r"000\.png is none of"):
        measure_folder("fid[fake]", str(folder), f"parquet:{theirs}")


def test_pictures_without_a_value_are_not_counted(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "some", [*pictures(5), np.zeros((1, 1, 3), np.uint8)])
    whole = write_folder(tmp_path / "whole", pictures(5))
    found, expected = (measure_folder("technical.noise[pixels]", str(f)) for f in (folder, whole))
    assert (found.n, found.value) == (5, expected.value)
    assert found.value.low is not None
    assert measure_folder("technical.exposure[pixels]", str(folder)).n == 6


def test_it_is_said_that_pictures_are_taken_as_independent(
    ours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("technical.exposure[pixels]", str(ours), None, None, any_number=False)
    assert "pictures independent" in " ".join(capsys.readouterr().out.replace("│", " ").split())
