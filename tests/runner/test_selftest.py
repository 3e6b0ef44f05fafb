from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from evalharness.catalog.golden import Golden, golden_of, golden_values
from evalharness.catalog.instruments import instrument_names, load_instrument
from evalharness.catalog.verification import is_verified, needs_verifying, verified_revisions
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Text
from evalharness.runner import selftest as stage
from evalharness.runner.look import find_look
from evalharness.runner.selftest import Verdict, chosen_instruments, selftest
from evalharness.runner.verify import distance
from evalharness.tinyworld.weights import weights_folder
from tests.backends.transformers import writers
from tests.extractors import encoders

MATCHES = golden_of("tiny-clip")[0]
COSINE = replace(MATCHES, matches=False, cosine=0.0, tolerance=1.0)


@pytest.fixture(autouse=True)
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "verified.json"
    monkeypatch.setenv("EVALHARNESS_VERIFIED", str(file))
    return file


@pytest.fixture
def published(tmp_path: Path) -> Instrument:
    """tiny-clip as if somebody else had published it."""
    folder = tmp_path / "published"
    shutil.copytree(weights_folder("tiny-clip"), folder)
    return Instrument("theirs", "open_clip", str(folder), home="https://example.org/theirs")


def verdict_on(instrument: Instrument) -> Verdict:
    told: list[Verdict] = []
    (verdict,) = selftest([instrument], told.append)
    assert told == [verdict]
    return verdict


def known_to_say(monkeypatch: pytest.MonkeyPatch, *golden: Golden) -> None:
    monkeypatch.setattr(stage, "golden_of", lambda _name: golden)


def test_published_weights_that_pass_are_verified_until_they_change(
    published: Instrument, monkeypatch: pytest.MonkeyPatch, record: Path
) -> None:
    resolution = find_look(published).resolution
    assert is_verified(published, resolution) is False
    known_to_say(monkeypatch, MATCHES, COSINE)
    assert verdict_on(published).verified
    assert is_verified(published, resolution) is True
    assert verified_revisions(published) == (resolution.revision,)
    assert verified_revisions(published, shipped_only=True) == ()
    elsewhere = replace(published, name=f"open_clip:{published.source}")
    assert is_verified(elsewhere, resolution) is True
    other = replace(resolution, revision="sha256:" + "0" * 64)
    assert is_verified(published, other) is False
    record.write_text("no JSON")
    assert is_verified(published, resolution) is False


@pytest.mark.parametrize("golden", [(), (MATCHES,)])
def test_without_a_golden_number_nothing_is_verified(
    published: Instrument,
    monkeypatch: pytest.MonkeyPatch,
    record: Path,
    golden: tuple[Golden, ...],
) -> None:
    known_to_say(monkeypatch, *golden)
    verdict = verdict_on(published)
    assert verdict.passed
    assert not verdict.verified
    assert not record.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"matches": True, "texts": tuple(reversed(MATCHES.texts))},
        {"matches": False, "cosine": 0.123, "tolerance": 1e-3},
        {"matches": False, "scalars": (1.0,) * 4, "texts": ()},
    ],
)
def test_other_values_than_the_golden_ones_fail(
    published: Instrument, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object], record: Path
) -> None:
    known_to_say(monkeypatch, replace(MATCHES, **wrong))  # type: ignore[arg-type]
    verdict = verdict_on(published)
    assert [check.passed for check in verdict.checks] == [True, True, False]
    assert not record.exists()


def test_weights_that_are_not_finite_fail(published: Instrument) -> None:
    file = Path(published.source) / "open_clip_model.safetensors"
    weights = load_file(file)
    broken = {n: np.asarray(v * np.nan) if v.dtype.kind == "f" else v for n, v in weights.items()}
    save_file(broken, file)
    verdict = verdict_on(published)
    assert not verdict.passed
    assert "NaN" in verdict.checks[0].found


def test_missing_weights_are_told(tmp_path: Path) -> None:
    absent = Instrument("absent", "open_clip", str(tmp_path / "absent"), home="https://x.org")
    assert "nothing at" in verdict_on(absent).problem


def test_golden_values_belong_to_known_instruments() -> None:
    names = set(instrument_names())
    assert {golden.instrument for golden in golden_values()} <= names
    packaged = {i.name for i in chosen_instruments((), weights=False)}
    published = {i.name for i in chosen_instruments((), weights=True)}
    assert packaged | published == names
    assert {"tiny-clip", "ocr", "fake"} <= packaged
    assert "inception" in published
    assert not needs_verifying(load_instrument("open_clip:./mine"))
    assert needs_verifying(load_instrument("open_clip:hf-hub:org/theirs"))


def test_what_only_details_say_is_compared_too() -> None:
    boxes = [{"objects": [{"label": "ball", "confidence": c}]} for c in (0.9, 0.4)]
    one, other = (FeatureValue(detail=detail) for detail in boxes)
    assert distance(one, one) == 0.0
    assert distance(one, other) > 0.1


def test_texts_have_golden_cosines_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = encoders.bert(tmp_path / "minds")
    theirs = Instrument("minds", "sentence", str(folder), home="https://example.org/minds")
    texts = ("the cat sat", "a red dog")
    with find_look(theirs).open() as extractor:
        seen = [one.vector for one in extractor.extract([Text(text) for text in texts])]
    units = [vector / np.linalg.norm(vector) for vector in seen if vector is not None]
    known = replace(
        COSINE, pictures=(), texts=texts, cosine=float(units[0] @ units[1]), tolerance=1e-3
    )
    known_to_say(monkeypatch, known)
    assert verdict_on(theirs).verified
    known_to_say(monkeypatch, replace(known, cosine=known.cosine - 0.01))  # type: ignore[operator]
    assert not verdict_on(theirs).passed


def test_judges_are_asked_for_a_judgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "CONTEXT", 2048)
    writers.llama(tmp_path / "judge")
    for instrument in ("fake_judge:noise=1", f"judge:{tmp_path}/judge"):
        (check,) = verdict_on(load_instrument(instrument)).checks
        assert check.passed, check.found
