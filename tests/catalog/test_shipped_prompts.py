"""What the project's own prompts ask for: balanced, tagged, and checkable as they claim."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont

from evalharness.catalog.instruments import load_instrument
from evalharness.catalog.prompts import read_prompts
from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Prompt, Resolution
from evalharness.core.outcomes import Picture
from evalharness.core.styles import AESTHETICS
from evalharness.extractors import ocr
from evalharness.extractors.ocr_reader import OcrExtractor
from evalharness.metrics.text_accuracy import normalised

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
COLOURS = {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"}
COCO = set(
    """person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light,
    fire hydrant, stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant,
    bear, zebra, giraffe, backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard,
    sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle,
    wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot,
    hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop,
    mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock,
    vase, scissors, teddy bear, hair drier, toothbrush""".replace("\n    ", " ").split(", ")
)

ASKING = ("core", "knowledge")
OPENINGS = ("Are ", "Do ", "Does ", "Is ", "Was ", "Were ", "Has ", "Have ")
SUBJECTS = {("person",), ("animal",), ("landscape",), ("building",), ("object",), ("food",)}


def prompts_of(name: str) -> tuple[Prompt, ...]:
    return load_suite(str(ROOT / "suites" / f"{name}.yaml")).prompts


def tagged(prompts: Iterable[Prompt], *kinds: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(prompt.tags[kind] for kind in kinds) for prompt in prompts)


def test_core_is_balanced_over_its_challenges() -> None:
    prompts = prompts_of("core")
    for prompt in prompts:
        assert prompt.tags.keys() == {"category", "challenge"}
        assert len(prompt.checks.keys() & {"geneval", "questions"}) == 1
    assert tagged(prompts, "challenge") == {
        ("subject",): 35,
        ("binding",): 35,
        ("count",): 35,
        ("relation",): 35,
        ("scene",): 30,
        ("action",): 30,
    }
    assert len(tagged(prompts, "category")) == 7


def rules() -> list[tuple[Prompt, Any]]:
    return [(p, p.checks["geneval"]) for p in prompts_of("core") if "geneval" in p.checks]


def test_rules_are_such_as_a_closed_set_detector_can_check() -> None:
    found = rules()
    assert len(found) == 79
    for prompt, rule in found:
        assert rule.keys() <= {"include", "exclude"}, prompt.id
        for place, asked in enumerate(rule["include"]):
            assert asked.keys() <= {"class", "count", "color", "position"}, prompt.id
            assert asked["class"] in COCO, prompt.id
            assert asked["count"] >= 1, prompt.id
            if "position" in asked:
                relation, target = asked["position"]
                assert relation in {"left of", "right of", "above", "below"}, prompt.id
                assert 0 <= target < place, prompt.id
        for unwanted in rule.get("exclude", ()):
            assert unwanted.keys() == {"class", "count"}, prompt.id
            assert unwanted["class"] in COCO, prompt.id


def test_rules_say_what_the_words_say() -> None:
    for prompt, rule in rules():
        for asked in rule["include"]:
            assert asked.get("color", "red") in COLOURS, prompt.id
            assert asked.get("color", "") in prompt.text, prompt.id
            if asked["count"] > 1:
                assert NUMBERS[asked["count"]] in prompt.text.split(), prompt.id
        challenge = prompt.tags["challenge"]
        assert (challenge == "binding") == any("color" in a for a in rule["include"]), prompt.id
        assert (challenge == "relation") == any("position" in a for a in rule["include"]), prompt.id
        if challenge == "count":
            counted = {(a["class"], a["count"] + 1) for a in rule["include"] if a["count"] > 1}
            too_many = {(a["class"], a["count"]) for a in rule["exclude"]}
            assert counted <= too_many, prompt.id
        else:
            assert "exclude" not in rule, prompt.id


def test_questions_can_be_asked_one_after_another() -> None:
    asked: list[tuple[Prompt, Any]] = [
        (prompt, prompt.checks["questions"])
        for name in ASKING
        for prompt in prompts_of(name)
        if "questions" in prompt.checks
    ]
    assert len(asked) == 221
    for prompt, questions in asked:
        ids = [question["id"] for question in questions]
        assert ids == [str(n) for n in range(1, len(ids) + 1)], prompt.id
        for place, question in enumerate(questions):
            assert question.keys() == {"id", "question", "parents"}, prompt.id
            assert question["question"].startswith(OPENINGS), question["question"]
            assert question["question"].endswith("?")
            assert set(question["parents"]) <= set(ids[:place]), prompt.id


def test_aesthetics_is_a_balanced_design() -> None:
    prompts = prompts_of("aesthetics")
    neutral = {p.tags["group"]: p for p in prompts if p.tags["style"] == "none"}
    assert tagged(neutral.values(), "subject").keys() == SUBJECTS
    assert set(tagged(neutral.values(), "subject").values()) == {6}
    assert set(tagged(prompts, "group").values()) == {9}
    own = {style.name for style in AESTHETICS.values() if style.broader}
    by_style = tagged(prompts, "style", "subject")
    assert {style for style, _ in by_style} == {*AESTHETICS, "none"}
    for (style, subject), count in by_style.items():
        assert count == (6 if style in own or style == "none" else 2), (style, subject)
    assert all(sum(style == own_style for style, _ in by_style) == 1 for own_style in own)
    assert len({(p.tags["style"], p.tags["family"]) for p in prompts}) == len(AESTHETICS) + 1


def test_a_styled_prompt_names_its_neutral_one_and_its_look() -> None:
    prompts = prompts_of("aesthetics")
    texts = {p.tags["group"]: p.text for p in prompts if p.tags["style"] == "none"}
    for prompt in prompts:
        assert prompt.tags.keys() == {"style", "family", "subject", "group"}
        assert texts[prompt.tags["group"]] in prompt.text
        assert prompt.checks["styles"] == "aesthetics"
        if prompt.tags["style"] == "none":
            assert "style" not in prompt.checks
            assert not any(style.lower() in prompt.text for style in AESTHETICS)
        else:
            assert prompt.checks["style"] == prompt.tags["style"]
            assert prompt.tags["style"] in prompt.text


def test_lettering_is_balanced_over_contexts_and_lengths() -> None:
    prompts = prompts_of("lettering")
    lengths = {"1 word": 2, "2 words": 2, "3-4 words": 2, "5-8 words": 2}
    lengths |= {"number": 1, "other language": 1}
    table = tagged(prompts, "context", "length")
    assert len({context for context, _ in table}) == 12
    assert len(table) == 12 * len(lengths)
    assert all(count == lengths[length] for (_, length), count in table.items())
    assert len(tagged(prompts, "language")) >= 10
    assert len({p.checks["lettering"] for p in prompts}) == len(prompts)


def test_the_lettering_is_in_the_prompt_as_its_tags_say() -> None:
    for prompt in prompts_of("lettering"):
        lettering = str(prompt.checks["lettering"])
        assert prompt.text.count(f'"{lettering}"') == 1
        assert prompt.text.count('"') == 2
        words = len(lettering.split())
        low, _, high = prompt.tags["length"].split()[0].partition("-")
        if low.isdigit():
            assert int(low) <= words <= int(high or low)
            assert lettering.isascii()
        assert any(c.isdigit() for c in lettering) == (prompt.tags["length"] == "number")


def test_ocr_knows_every_letter_that_is_asked_for() -> None:
    folder = Path(ocr.resolve(load_instrument("ocr")).location or "")
    [recogniser] = folder.glob("*rec*.onnx")
    network = onnxruntime.InferenceSession(str(recogniser))
    known = set(network.get_modelmeta().custom_metadata_map["character"]) | {" "}
    for name in ("lettering", "starter", "tiny-lettering"):
        for prompt in prompts_of(name):
            assert set(str(prompt.checks.get("lettering", ""))) <= known, prompt.id


@pytest.mark.slow
def test_ocr_reads_every_lettering_when_it_is_printed() -> None:
    font = ImageFont.load_default(size=28)  # it has no letters beyond English ones
    asked = [p for p in prompts_of("lettering") if p.tags["language"] == "en"]
    pages = []
    for prompt in asked:
        canvas = Image.new("RGB", (320, 320), (240, 235, 225))
        lines = textwrap.fill(str(prompt.checks["lettering"]), 14)
        ImageDraw.Draw(canvas).multiline_text(
            (160, 160), lines, "midnightblue", font, "mm", spacing=12, align="center"
        )
        pages.append(Picture(np.asarray(canvas)))
    with OcrExtractor(load_instrument("ocr"), Resolution("")) as reader:
        read = [feature.text or "" for feature in reader.extract(pages)]
    wrong = {
        p.id: text
        for p, text in zip(asked, read, strict=True)
        if normalised(text) != normalised(str(p.checks["lettering"]))
    }
    assert len(asked) == 108
    assert not wrong


def test_the_prompts_page_counts_right() -> None:
    page = (ROOT / "prompts" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|.*\| ([^|]+) \|$", page, re.MULTILINE)
    files = {path.stem: read_prompts(path) for path in (ROOT / "prompts").glob("*.jsonl")}
    assert {name: int(count) for name, count, _ in rows} == {n: len(p) for n, p in files.items()}
    for name, _, tags in rows:
        assert set(tags.split(", ")) == {tag for p in files[name] for tag in p.tags}, name
