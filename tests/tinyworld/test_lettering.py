"""Lettering can be read back by an OCR engine."""

import logging
import warnings

import numpy as np
import pytest

from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, Scene, Thing

WORDS = ("sun", "HELLO", "river", "elephants", "Garden", "BAKERY", "open door", "COFFEE SHOP")


@pytest.mark.parametrize("style", AESTHETICS)
def test_lettering_is_treated_by_the_aesthetic(style: str) -> None:
    scene = Scene(Thing(None, "red"), aesthetic=style, lettering="hello")
    picture = render(scene, np.random.default_rng(0))
    assert picture.shape == (256, 256, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("text", ["i", "supercalifragilisticexpialidocious", "four words in all"])
def test_any_length_fits(text: str) -> None:
    scene = Scene(Thing(None, "black"), background="plain", lettering=text)
    picture = render(scene, np.random.default_rng(0), strength=0.0)
    dark = picture.max(2) < 110
    assert dark.any()
    assert not dark[:4].any()
    assert not dark[:, :4].any()
    assert not dark[:, -4:].any()


@pytest.mark.slow
def test_an_ocr_engine_reads_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rapidocr import RapidOCR

        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        engine = RapidOCR()
        rng = np.random.default_rng(0)
        read = total = 0
        for style in AESTHETICS:
            for text, colour in zip(WORDS, COLOURS, strict=True):
                scene = Scene(Thing(None, colour), aesthetic=style, lettering=text)
                picture = np.ascontiguousarray(render(scene, rng)[..., ::-1])
                answer = engine(picture, use_cls=False)
                read += " ".join(answer.txts or ()) == text
                total += 1
    assert read / total >= 0.95
