from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    AutoImageProcessor,
    GroundingDinoForObjectDetection,
    GroundingDinoProcessor,
    Owlv2ForObjectDetection,
    Owlv2Processor,
    RTDetrV2ForObjectDetection,
    YolosForObjectDetection,
)

from evalharness.core.errors import BadInputError, MissingWeightsError, UnknownNameError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Pair, Picture, Seeable
from evalharness.extractors import objects_colours, objects_open
from evalharness.extractors.colour_names import TERMS
from evalharness.extractors.objects import ENTRY
from evalharness.extractors.objects_network import ObjectsExtractor, labels_in
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.published import (
    write_classifier,
    write_grounding_dino,
    write_owlv2,
    write_rtdetr,
    write_yolos,
)

CLOSED = {
    "yolos": (write_yolos, YolosForObjectDetection),
    "rtdetr": (write_rtdetr, RTDetrV2ForObjectDetection),
}


def tiny(folder: Path, **options: object) -> Instrument:
    return Instrument("tiny", "objects", str(folder), options={"threshold": 0.0, **options})


def named(folder: Path, **options: object) -> Instrument:
    return replace(tiny(folder, **options), extractor="named_objects")


def told(folder: Path) -> Instrument:
    """With labels for the detector that needs them."""
    return (
        tiny(folder, labels=["cat"])
        if "owl" in (folder / "config.json").read_text()
        else tiny(folder)
    )


def look(instrument: Instrument, subjects: list[Seeable]) -> list[FeatureValue]:
    with ObjectsExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return list(extractor.extract(subjects))


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    sizes = [(40, 64), (1, 1), (40, 64), (90, 30)]
    return [rng.integers(0, 255, (*size, 3), dtype=np.uint8) for size in sizes]


def boxes(value: FeatureValue) -> np.ndarray:
    return np.array([thing["box"] for thing in value.detail["objects"]]).reshape(-1, 4)


def confidences(value: FeatureValue) -> list[float]:
    return [thing["confidence"] for thing in value.detail["objects"]]


def assert_well_formed(value: FeatureValue, picture: np.ndarray) -> None:
    height, width = picture.shape[:2]
    assert (value.detail["width"], value.detail["height"]) == (width, height)
    assert len(value.detail["objects"]) <= 100
    assert confidences(value) == sorted(confidences(value), reverse=True)
    assert all(0 <= c <= 1 for c in confidences(value))
    for x0, y0, x1, y1 in boxes(value):
        assert 0 <= x0 <= x1 <= width
        assert 0 <= y0 <= y1 <= height


@pytest.mark.parametrize("name", CLOSED)
def test_closed_sets_find_what_the_library_finds(name: str, tmp_path: Path) -> None:
    write, kind = CLOSED[name]
    folder = write(tmp_path / name)
    found = look(tiny(folder), [Picture(p) for p in pictures()])
    model, processor = (
        kind.from_pretrained(folder).eval(),
        AutoImageProcessor.from_pretrained(folder),
    )
    for picture, value in zip(pictures(), found, strict=True):
        assert_well_formed(value, picture)
        ready = processor(images=Image.fromarray(picture), return_tensors="pt")
        with torch.no_grad():
            [theirs] = processor.post_process_object_detection(
                model(**ready), threshold=0.0, target_sizes=[picture.shape[:2]]
            )
        order = theirs["scores"].argsort(descending=True, stable=True)
        np.testing.assert_allclose(confidences(value), theirs["scores"][order], atol=1e-4)
        height, width = picture.shape[:2]
        clipped = (
            theirs["boxes"][order]
            .clamp(min=0)
            .minimum(torch.tensor([width, height, width, height]))
        )
        np.testing.assert_allclose(boxes(value), clipped, atol=0.02)
        names = [model.config.id2label[int(i)] for i in theirs["labels"][order]]
        assert [thing["label"] for thing in value.detail["objects"]] == names
        assert {thing["colour"] for thing in value.detail["objects"]} - {None}


@pytest.mark.parametrize("name", CLOSED)
def test_batch_mates_change_nothing(name: str, tmp_path: Path) -> None:
    folder = CLOSED[name][0](tmp_path / name)
    together = look(tiny(folder), [Picture(p) for p in pictures()])
    for picture, value in zip(pictures(), together, strict=True):
        [alone] = look(tiny(folder), [Picture(picture)])
        np.testing.assert_allclose(confidences(alone), confidences(value), atol=1e-4)
        np.testing.assert_allclose(boxes(alone), boxes(value), atol=0.02)


def test_the_threshold_keeps_the_sure(tmp_path: Path) -> None:
    folder = write_yolos(tmp_path / "yolos")
    [all_] = look(tiny(folder), [Picture(pictures()[0])])
    middle = float(np.median(confidences(all_)))
    [some] = look(tiny(folder, threshold=middle), [Picture(pictures()[0])])
    assert confidences(some) == [c for c in confidences(all_) if c > middle]
    with pytest.raises(BadInputError, match="a number from 0 to 1"):
        ENTRY.resolve(tiny(folder, threshold=3))


def test_owlv2_finds_what_the_library_finds(tmp_path: Path) -> None:
    folder = write_owlv2(tmp_path / "owl")
    model = Owlv2ForObjectDetection.from_pretrained(folder).eval()
    processor = Owlv2Processor.from_pretrained(folder)
    found = look(named(folder), [Pair(p, "red cat. dog") for p in pictures()])
    assert sum(len(value.detail["objects"]) for value in found) >= 4
    for picture, value in zip(pictures(), found, strict=True):
        assert_well_formed(value, picture)
        ready = processor(
            text=[["a photo of a red cat", "a photo of a dog"]],
            images=Image.fromarray(picture),
            return_tensors="pt",
            truncation=True,
        )
        with torch.no_grad():
            [theirs] = processor.post_process_grounded_object_detection(
                model(**ready), threshold=0.0, target_sizes=[picture.shape[:2]]
            )
        pairs = zip(theirs["scores"].tolist(), theirs["labels"].tolist(), strict=True)
        expected = {round(score, 4): label for score, label in pairs}
        for thing in value.detail["objects"]:
            near = min(expected, key=lambda score: abs(score - thing["confidence"]))
            assert near == pytest.approx(thing["confidence"], abs=2e-4)
            assert thing["label"] == ("red cat", "dog")[expected[near]]


def test_grounding_dino_gives_whole_labels(tmp_path: Path) -> None:
    folder = write_grounding_dino(tmp_path / "grounded")
    picture = pictures()[0]
    [value] = look(named(folder), [Pair(picture, "Red cat. dogs")])
    assert_well_formed(value, picture)
    assert {thing["label"] for thing in value.detail["objects"]} <= {"Red cat", "dogs"}
    processor = GroundingDinoProcessor.from_pretrained(folder)
    ready = processor(text="red cat. dogs.", images=Image.fromarray(picture), return_tensors="pt")
    # [CLS] red cat . dog ##s . [SEP]
    with torch.no_grad():
        tokens = GroundingDinoForObjectDetection.from_pretrained(folder).eval()(**ready).logits[0]
    surest = torch.stack([tokens[:, 1:3].amax(1), tokens[:, 4:6].amax(1)], 1).sigmoid()
    for thing in value.detail["objects"]:
        assert np.abs(surest.amax(1).numpy() - thing["confidence"]).min() < 1e-3
    with pytest.raises(UnreadableSubjectError, match="at most 12 tokens"):
        look(
            named(folder),
            [Pair(picture, "cat. " * 20 + ". ".join(["car", "red", "dog", "red cat"]))],
        )


@pytest.mark.parametrize("write", [write_owlv2, write_grounding_dino])
def test_labels_of_the_options_serve_pictures(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder = write(tmp_path / "open")
    picture = pictures()[0]
    [pair] = look(named(folder), [Pair(picture, "red cat. dog")])
    [alone] = look(tiny(folder, labels=["red cat", "dog"]), [Picture(picture)])
    assert pair == alone
    with pytest.raises(UnreadableSubjectError, match="nothing to look for"):
        look(named(folder), [Pair(picture, " . ")])
    with pytest.raises(BadInputError, match="has to be told what to look for"):
        look(tiny(folder), [Picture(picture)])
    with pytest.raises(UnknownNameError, match="'labels'"):
        ENTRY.resolve(named(folder, labels=["cat"]))


@pytest.mark.parametrize("name", CLOSED)
def test_all_that_a_closed_set_could_tell_is_told(name: str, tmp_path: Path) -> None:
    folder = CLOSED[name][0](tmp_path / name)
    [surest] = look(tiny(folder, threshold=1.0), [Picture(pictures()[0])])
    assert surest.detail["objects"] == []
    assert surest.detail["classes"] == ["cat", "dog", "car"]
    assert surest.detail["colours"] == list(TERMS)
    assert "counting" not in surest.detail
    [counting] = look(tiny(folder, counting=0.6), [Picture(pictures()[0])])
    assert counting.detail["counting"] == 0.6
    with pytest.raises(BadInputError, match="a number from 0 to 1"):
        ENTRY.resolve(tiny(folder, counting="high"))


def test_an_open_vocabulary_knows_what_it_is_told(tmp_path: Path) -> None:
    folder = write_owlv2(tmp_path / "owl")
    texts = ["red cat. dog.", "couch."]
    found = look(named(folder, counting=0.3), [Pair(pictures()[0], text) for text in texts])
    assert [value.detail["classes"] for value in found] == [["red cat", "dog"], ["couch"]]
    assert all(value.detail["counting"] == 0.3 for value in found)
    [alone] = look(tiny(folder, labels=["cat"]), [Picture(pictures()[0])])
    assert alone.detail["classes"] == ["cat"]


def test_colours_come_from_a_tower_where_one_is_named(tmp_path: Path, clip_folder: Path) -> None:
    folder = write_yolos(tmp_path / "yolos")
    plain = ENTRY.resolve(tiny(folder))
    towered = tiny(folder, colours=str(clip_folder))
    found = ENTRY.resolve(towered)
    assert found.revision.startswith(f"{plain.revision}+sha256:")
    [value] = look(towered, [Picture(pictures()[0])])
    colours = {thing["colour"] for thing in value.detail["objects"]}
    assert colours <= set(objects_colours.COLOURS)
    assert value.detail["colours"] == list(objects_colours.COLOURS)
    [lab] = look(tiny(folder), [Picture(pictures()[0])])
    assert confidences(lab) == confidences(value)
    with pytest.raises(MissingWeightsError):
        ENTRY.resolve(tiny(folder, colours=str(tmp_path / "nowhere")))


def test_what_it_cannot_take_is_said(tmp_path: Path) -> None:
    folder = write_yolos(tmp_path / "yolos")
    for instrument in (named(folder), tiny(folder, labels=["cat"])):
        with pytest.raises(BadInputError, match="only the classes it was trained on"):
            look(instrument, [])
    with pytest.raises(UnreadableSubjectError, match="reads pictures"):
        look(tiny(folder), [Pair(pictures()[0], "cat")])
    with pytest.raises(UnknownNameError, match="Did you mean 'threshold'"):
        ENTRY.resolve(tiny(folder, treshold=0.2))
    with pytest.raises(BadInputError, match="a list of texts"):
        ENTRY.resolve(tiny(folder, labels="cat"))
    with pytest.raises(MissingWeightsError, match="cannot load"):
        look(tiny(write_classifier(tmp_path / "other")), [])
    assert look(tiny(folder), []) == []


@pytest.mark.parametrize("write", [write_yolos, write_owlv2])
def test_damaged_weights_are_told(write: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = write(tmp_path / "any")
    path = folder / "model.safetensors"
    broken = {
        k: torch.full_like(v, torch.nan) if v.is_floating_point() else v
        for k, v in load_file(path).items()
    }
    save_file(broken, path, {"format": "pt"})
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity"):
        look(told(folder), [Picture(pictures()[0])])


@pytest.mark.parametrize("write", [write_yolos, write_owlv2])
def test_fifty_megapixels(
    write: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the tiny model takes 64 pixels where the real one takes 960
    monkeypatch.setattr(objects_open, "LARGEST", 128)
    folder = write(tmp_path / "any")
    large = np.zeros((5000, 10000, 3), np.uint8)
    [value] = look(told(folder), [Picture(large)])
    assert_well_formed(value, large)


def test_labels_stand_between_full_stops() -> None:
    assert labels_in(" red car. dog .. dog.") == ("red car", "dog")
    assert labels_in(" . ") == ()
