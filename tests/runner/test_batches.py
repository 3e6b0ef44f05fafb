"""How many subjects an instrument is shown at once."""

from collections.abc import Sequence

import numpy as np
import pytest

from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Pair, Picture, Seeable
from evalharness.ledger.store import Store
from evalharness.runner.extract import ExtractWork, Seen, _Writer
from evalharness.runner.look import find_look


class Watcher:
    """An extractor that keeps the sizes of its batches."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        self.batches.append(len(subjects))
        return [FeatureValue(scalar=0.0)] * len(subjects)


@pytest.mark.parametrize("as_pairs", [False, True])
def test_large_pictures_are_not_all_held_at_once(tmp_path, monkeypatch, as_pairs):
    store = Store.create(tmp_path / "results")
    look = find_look(Instrument("fake", "fake"))
    watcher = Watcher()
    work = ExtractWork(store.root, "run", look, {}, {}, {}, {}, {}, ())
    large, small = (np.zeros((side, side, 3), np.uint8) for side in (100, 2))
    monkeypatch.setattr("evalharness.runner.extract.HELD_BYTES", 2 * large.nbytes)
    shown = [large] * 5 + [small] * 3
    subjects = (
        Seen(str(i), str(i), Pair(pixels, "a cat") if as_pairs else Picture(pixels))
        for i, pixels in enumerate(shown)
    )
    writer = _Writer(store, work, watcher, lambda _event: None)
    writer.look_at("pair" if as_pairs else "picture", subjects)
    assert watcher.batches == [2, 2, 4]
