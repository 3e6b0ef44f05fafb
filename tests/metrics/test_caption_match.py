"""Captions beside their pictures, in the eyes of a CLIP model."""

from pathlib import Path

import numpy as np
import pytest

from evalharness.catalog import registry
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.catalog.instruments import load_instrument
from evalharness.catalog.metrics import parse_metric
from evalharness.catalog.suites import load_suite
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.core.outcomes import Picture, Text
from evalharness.core.tables import Subject
from evalharness.metrics.clip_score import clip_score
from tests.metrics.tables import Seen, outputs, vectors

PICTURE = InputPicture("0" * 64, "a.png")
ROOT = Path(__file__).resolve().parents[2]


def asked(target: str | None = None, **checks: object) -> Prompt:
    return Prompt("p", "Describe it.", target, checks, images=(PICTURE,))  # type: ignore[arg-type]


def measure(name: str, prompts: list[Prompt], seen: dict[Subject, Seen]) -> list[float]:
    metric = registry.metric(name)
    assert isinstance(metric, OutputMetric)
    return [float(value) for value in metric.measure(outputs(prompts, seen=seen))]


def test_it_is_the_clip_score_of_the_answer_and_the_prompts_picture() -> None:
    rng = np.random.default_rng(0)
    pictures, answers = rng.normal(size=(2, 5, 8))
    seen: dict[Subject, Seen] = {"input": vectors(pictures), "output": vectors(answers)}
    found = measure("caption_match", [asked()] * 5, seen)
    assert found == pytest.approx(clip_score(pictures, answers), rel=1e-5)
    assert min(found) == 0.0  # opposite directions do not count below nothing


def test_with_references_it_is_the_papers_harmonic_mean() -> None:
    # cosines: picture and answer 0.6; answer and captions 0.8 and 0
    seen: dict[Subject, Seen] = {
        "input": vectors([[0.6, 0.8, 0.0], [0.0, 1.0, 0.0]]),
        "output": vectors([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]),
        "prompt": vectors([[0.0, 1.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]], of=[0, 0, 1]),
    }
    one, nothing = measure("caption_match.reference", [asked("a", targets=["b"]), asked("c")], seen)
    assert one == pytest.approx(2 * 1.5 * 0.8 / (1.5 + 0.8))
    assert nothing == 0.0


def test_it_reads_free_words_about_one_picture() -> None:
    applies = registry.metric("caption_match").facts.applies
    assert applies(asked())
    assert not applies(Prompt("p", "What is this?"))
    assert not applies(Prompt("p", "Which?", images=(PICTURE, PICTURE)))
    assert not applies(asked("yes", labels=["yes", "no"]))
    assert not applies(asked("a", choices=["a", "b"]))
    assert not registry.metric("caption_match.reference").facts.applies(asked())
    assert registry.metric("caption_match.reference").facts.asks(asked("a", targets=["b"])) == (
        "a",
        "b",
    )


def test_an_instrument_that_reads_pictures_only_is_refused() -> None:
    assert parse_metric("caption_match[tiny-clip]").instrument is not None
    with pytest.raises(Exception, match="reads only picture"):
        parse_metric("caption_match[inception]")


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_right_captions_beat_those_of_other_pictures() -> None:
    suite = load_suite(str(ROOT / "suites" / "vision-captions.yaml"))
    prompts = [p for p in suite.prompts if p.tags["category"] == "one thing"]
    instrument = load_instrument("tiny-clip")
    entry = registry.extractor(instrument.extractor)
    with registry.load(entry.implementation)(instrument, entry.resolve(instrument)) as extractor:
        pictures = extractor.extract([Picture(picture_pixels(p.images[0])) for p in prompts])
        captions = extractor.extract([Text(str(p.target)) for p in prompts])
    shown = np.stack([one.vector for one in pictures])
    said = np.stack([one.vector for one in captions])
    table = np.stack(
        [
            measure(
                "caption_match",
                prompts,
                {"input": vectors(shown), "output": vectors(np.roll(said, -i, axis=0))},
            )
            for i in range(len(prompts))
        ]
    )
    right, wrong = table[0], table[1:]
    assert (right > wrong).mean() > 0.98
    assert right.mean() > wrong.mean() + 30
