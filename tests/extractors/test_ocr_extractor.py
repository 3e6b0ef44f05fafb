from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture, Text
from evalharness.extractors import ocr
from evalharness.extractors.ocr_reader import OcrExtractor, reading_order
from evalharness.extractors.subjects import UnreadableSubjectError
from evalharness.metrics.text_accuracy import edit_distance

WORDS = ("OPEN", "Fresh bread", "Hotel 42", "COFFEE", "SALE 50%", "River")
INSTRUMENT = Instrument("ocr", "ocr")


@pytest.fixture(scope="module")
def extractor() -> Iterator[OcrExtractor]:
    with OcrExtractor(INSTRUMENT, ocr.resolve(INSTRUMENT)) as loaded:
        yield loaded


def drawn(lines: tuple[str, ...], size: int = 256, font: int = 36, seed: int = 0) -> Picture:
    rng = np.random.default_rng(seed)
    light, dark = (tuple(int(c) for c in rng.integers(*r, 3)) for r in ((170, 255), (0, 80)))
    image = Image.new("RGB", (size, size), light)
    pen = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        middle = (size // 2, size * (i + 1) // (len(lines) + 1))
        pen.text(middle, line, font=ImageFont.load_default(font), fill=dark, anchor="mm")
    return Picture(np.asarray(image))


def test_drawn_words_are_read(extractor: OcrExtractor) -> None:
    found = extractor.extract([drawn((w,), seed=i) for i, w in enumerate(WORDS)])
    wrong = sum(edit_distance(w, v.text) for w, v in zip(WORDS, found, strict=True))
    assert 1 - wrong / sum(map(len, WORDS)) >= 0.95
    assert all(0.8 < v.scalar <= 1.0 for v in found)


def test_lines_are_read_from_the_top_with_their_places(extractor: OcrExtractor) -> None:
    value = extractor.extract([drawn(("FIRST", "SECOND"))])[0]
    assert value.text == "FIRST SECOND"
    upper, lower = value.detail["boxes"]
    assert (upper["text"], lower["text"]) == ("FIRST", "SECOND")
    assert all(45 < y < 125 for _, y in upper["corners"])
    assert all(131 < y < 211 for _, y in lower["corners"])


def test_a_picture_without_text_gives_no_words(
    extractor: OcrExtractor, capfd: pytest.CaptureFixture[str]
) -> None:
    blank, tiny = np.full((64, 64, 3), 200, np.uint8), np.zeros((1, 1, 3), np.uint8)
    for value in extractor.extract([Picture(blank), Picture(tiny)]):
        assert (value.text, value.scalar, value.detail) == ("", None, {"boxes": []})
    assert capfd.readouterr() == ("", "")


def test_what_it_cannot_take_is_said_and_the_next_is_read(extractor: OcrExtractor) -> None:
    with pytest.raises(UnreadableSubjectError, match="2×3000 pixels"):
        extractor.extract([Picture(np.zeros((3000, 2, 3), np.uint8))])
    with pytest.raises(UnreadableSubjectError, match="reads pictures"):
        extractor.extract([Text("OPEN")])
    assert extractor.extract([drawn(("OPEN",))])[0].text == "OPEN"


def test_the_networks_ship_with_the_package() -> None:
    found = ocr.resolve(INSTRUMENT)
    assert found.revision.startswith("sha256:")
    assert found.location is not None
    assert found.download_bytes is None
    with pytest.raises(BadInputError, match="Write `ocr`"):
        ocr.resolve(Instrument("ocr", "ocr", "folder"))


@given(st.permutations(range(6)))
def test_reading_order_is_by_lines_then_from_the_left(order: list[int]) -> None:
    # Two lines of three boxes; within a line the tops wobble by less than half a height.
    corners = np.array([[0, 0], [30, 0], [30, 20], [0, 20]])
    offsets = [(0, 4), (40, 0), (80, 8), (5, 40), (45, 44), (85, 36)]
    boxes = np.array([corners + o for o in offsets], np.float32)
    assert [order[i] for i in reading_order(boxes[order])] == [0, 1, 2, 3, 4, 5]
