"""Picture files of every unpleasant kind: right pixels, or an error that names the file."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from evalharness.catalog.pictures import MOST_PIXELS, UnreadablePictureError, ahead, decode

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8)


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    target = BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def test_rgb_in_every_lossless_format() -> None:
    picture = Image.fromarray(PIXELS)
    for data in (
        saved(picture),
        saved(picture, "BMP"),
        saved(picture, "TIFF"),
        saved(picture, "WEBP", lossless=True),
    ):
        np.testing.assert_array_equal(decode(data, "x"), PIXELS)
    for kind in ("JPEG", "GIF"):
        assert decode(saved(picture, kind), "x").shape == PIXELS.shape


def test_one_pixel_grey_bits_and_palettes_become_rgb() -> None:
    assert decode(saved(Image.new("RGB", (1, 1), (1, 2, 3))), "x").tolist() == [[[1, 2, 3]]]
    assert decode(saved(Image.new("L", (1, 1), 7)), "x").tolist() == [[[7, 7, 7]]]
    assert decode(saved(Image.new("1", (1, 1), 1)), "x").tolist() == [[[255, 255, 255]]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([9, 8, 7])
    assert decode(saved(palette), "x").tolist() == [[[9, 8, 7]]]


def test_transparency_lies_over_white() -> None:
    clear, half = (10, 20, 30, 0), (10, 20, 30, 128)
    picture = Image.new("RGBA", (2, 1), clear)
    picture.putpixel((1, 0), half)
    found = decode(saved(picture), "x")
    assert found[0, 0].tolist() == [255, 255, 255]
    np.testing.assert_allclose(found[0, 1], [132, 137, 142], atol=1)
    grey = Image.new("LA", (1, 1), (0, 0))
    assert decode(saved(grey), "x").tolist() == [[[255, 255, 255]]]
    keyed = Image.new("RGB", (1, 1), (1, 2, 3))
    assert decode(saved(keyed, transparency=(1, 2, 3)), "x").tolist() == [[[255, 255, 255]]]


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    values = np.array([[0, 255, 256, 32768, 65535]], np.uint16)
    for kind in ("PNG", "TIFF"):
        found = decode(saved(Image.fromarray(values), kind), "x")
        assert found[0, :, 0].tolist() == [0, 0, 1, 128, 255]
    colours = cv2.imencode(".png", np.repeat(values[..., None], 3, axis=2))[1].tobytes()
    assert decode(colours, "x")[0, :, 0].tolist() == [0, 0, 1, 128, 255]


def test_cmyk_is_converted() -> None:
    found = decode(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"), "x")
    assert found[0, 0].tolist() == [255, 0, 0]
    found = decode(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), "x")
    np.testing.assert_allclose(found[4, 4], [255, 0, 0], atol=3)


def test_exif_turns_pictures_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    data = saved(Image.fromarray(PIXELS), exif=exif)
    np.testing.assert_array_equal(decode(data, "x"), np.rot90(PIXELS, -1))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_and_pages_are_refused(kind: str) -> None:
    frames = [Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadablePictureError, match=r"a\.x holds 2 frames or pages"):
        decode(data, "a.x")


@pytest.mark.parametrize("mode", ["I", "F"])
def test_samples_without_a_scale_are_refused(mode: str) -> None:
    with pytest.raises(UnreadablePictureError, match="32 samples"):
        decode(saved(Image.new(mode, (2, 2)), "TIFF"), "x")


def test_lab_is_refused() -> None:
    with pytest.raises(UnreadablePictureError, match="colours of mode LAB"):
        decode(saved(Image.new("LAB", (2, 2)), "TIFF"), "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", "looks like SVG"),
        (b"not a picture", "is none of PNG, JPEG"),
        (b"SIMPLE  =                    T", "is none of PNG, JPEG"),
        (b"\x89PNG\r\n\x1a\n", "cut short"),
    ],
)
def test_other_bytes_are_refused_by_name(data: bytes, message: str) -> None:
    with pytest.raises(UnreadablePictureError, match=message) as caught:
        decode(data, "photos/a.png")
    assert "photos/a.png" in str(caught.value)


def test_fifty_megapixels_are_read() -> None:
    found = decode(saved(Image.new("RGB", (8000, 6250), (1, 2, 3))), "x")
    assert found.shape == (6250, 8000, 3)
    assert found[-1, -1].tolist() == [1, 2, 3]


@pytest.mark.parametrize("side", [9_460, 14_000, 60_000])
def test_bombs_are_refused_unread(side: int) -> None:
    assert side**2 > MOST_PIXELS
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
    with pytest.raises(UnreadablePictureError, match="more than 89 megapixels"):
        decode(data + chunk(b"IEND", b""), "x")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = saved(Image.fromarray(PIXELS))
JPEG = saved(Image.fromarray(RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)), "JPEG")


@given(st.integers(0, len(PNG) - 1))
def test_a_png_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(UnreadablePictureError):
        decode(PNG[:length], "x")


@given(st.integers(0, 8 * len(PNG) - 1))
def test_a_flipped_bit_in_a_png_is_noticed(bit: int) -> None:
    data = bytearray(PNG)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnreadablePictureError):
        decode(bytes(data), "x")


@given(st.integers(0, len(JPEG) - 3))
def test_a_jpeg_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(UnreadablePictureError):
        decode(JPEG[:length], "x")


@given(st.integers(0, 8 * len(JPEG) - 1))
def test_a_flipped_bit_in_a_jpeg_is_an_error_or_a_picture(bit: int) -> None:
    data = bytearray(JPEG)
    data[bit // 8] ^= 1 << bit % 8
    try:
        assert decode(bytes(data), "x").dtype == np.uint8
    except UnreadablePictureError as error:
        assert "The picture x" in str(error)


def test_reading_ahead_keeps_order_and_is_bounded() -> None:
    started: list[int] = []

    def read(number: int) -> int:
        started.append(number)
        return number * number

    found = ahead(read, range(1000), threads=2, window=8)
    assert next(found) == 0
    assert len(started) <= 10
    assert list(found) == [n * n for n in range(1, 1000)]


def test_reading_ahead_raises_where_the_item_stands() -> None:
    def read(path: Path) -> str:
        return path.read_text()

    with pytest.raises(FileNotFoundError):
        list(ahead(read, [Path("/none/such")]))
