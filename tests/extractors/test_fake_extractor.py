import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture, Text
from evalharness.extractors.fake import ENTRY, FakeExtractor
from evalharness.extractors.subjects import UnreadableSubjectError, by_size

INSTRUMENT = Instrument("fake", "fake")
PICTURES = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(2, 9), st.integers(2, 9), st.just(3)),
    elements=st.integers(0, 255),
)


def look(*subjects: Picture | Text) -> list[np.ndarray]:
    with FakeExtractor(INSTRUMENT, ENTRY.resolve(INSTRUMENT)) as extractor:
        return [value.vector for value in extractor.extract(subjects)]


@given(PICTURES)
def test_vectors_of_pictures_are_finite_equal_for_equals_and_never_zero(pixels: np.ndarray) -> None:
    first, again = look(Picture(pixels), Picture(pixels.copy()))
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float32
    assert first.shape == (16,)
    assert ((first >= 0) & (first <= 1)).all()
    assert first[-1] == 1.0


def test_a_half_red_picture() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[:2, :, 0] = 255
    found = look(Picture(pixels))[0]
    np.testing.assert_allclose(found, [1, 0, 0, 1, 0, 0, *[0] * 6, 0.5, 0, 0, 1], atol=1e-6)


@given(st.text(), st.text())
def test_texts_differ_where_their_words_do(one: str, other: str) -> None:
    a, b = look(Text(one), Text(other))
    assert a.shape == (16,)
    assert a.min() > 0
    assert np.array_equal(a, b) == (one == other)


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(UnreadableSubjectError, match="at least 2×2"):
        look(Picture(np.zeros((4, 4, 3), np.uint8)), Picture(np.zeros((1, 1, 3), np.uint8)))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=8))
def test_groups_by_size_hold_every_picture_once(sizes: list[tuple[int, int]]) -> None:
    pictures = [np.full((*size, 3), i, np.uint8) for i, size in enumerate(sizes)]
    seen = {}
    for positions, batch in by_size(pictures):
        assert len(positions) == len(batch)
        seen.update(zip(positions, batch, strict=True))
    assert sorted(seen) == list(range(len(sizes)))
    assert all(np.array_equal(seen[i], picture) for i, picture in enumerate(pictures))
