import pytest

from evalharness.catalog.instruments import instrument_names, load_instrument
from evalharness.catalog.metrics import expand_metrics, parse_metric
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.nouns import Instrument


def test_a_metric_with_its_instrument() -> None:
    choice = parse_metric("clip_score[tiny-clip]")
    assert choice.name == "clip_score[tiny-clip]"
    assert choice.metric.facts.name == "clip_score"
    assert choice.instrument == load_instrument("tiny-clip")


def test_a_metric_that_needs_none() -> None:
    choice = parse_metric(" latency ")
    assert (choice.name, choice.instrument) == ("latency", None)


def test_a_default_instrument_is_written_out() -> None:
    assert parse_metric("text_accuracy.cer").name == "text_accuracy.cer[ocr]"


def test_families_expand_and_doubles_vanish() -> None:
    names = ["latency", "text_accuracy[ocr]", "text_accuracy.exact", "latency"]
    assert [c.name for c in expand_metrics(names)] == [
        "latency",
        "text_accuracy.cer[ocr]",
        "text_accuracy.exact[ocr]",
    ]
    expanded = [c.name for c in expand_metrics(names)]
    assert [c.name for c in expand_metrics(expanded)] == expanded


def test_an_instrument_written_as_a_string() -> None:
    choice = parse_metric("fid[open_clip:ViT-B-32/laion2b_s34b_b79k]")
    assert choice.name == "fid[open_clip:ViT-B-32/laion2b_s34b_b79k]"
    assert choice.instrument is not None
    assert choice.instrument.source == "ViT-B-32/laion2b_s34b_b79k"


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("clip_score", r"needs an instrument.*clip_score\[NAME\]"),
        ("latency[ocr]", "needs none. Write 'latency'"),
        ("clip_score[inception]", "inception reads only picture"),
        ("clip_score[", "not a metric's name"),
        ("clip_score[]", "not a metric's name"),
        ("clip_score[a][b]", "not a metric's name"),
        ("", "not a metric's name"),
        ("a b", "not a metric's name"),
        ("fid[open_clip:]", "not an instrument"),
    ],
)
def test_bad_metrics(written: str, what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        expand_metrics([written])


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("clip_scor[tiny-clip]", "no metric named 'clip_scor'. Did you mean 'clip_score'"),
        ("text_acuracy[ocr]", "Did you mean 'text_accuracy'"),
        ("clip_score[tiny-clp]", "no instrument named 'tiny-clp'. Did you mean 'tiny-clip'"),
        ("fid[openclip:x]", "no extractor named 'openclip'. Did you mean 'open_clip'"),
    ],
)
def test_unknown_metrics_and_instruments(written: str, what: str) -> None:
    with pytest.raises(UnknownNameError, match=what):
        expand_metrics([written])


def test_instruments() -> None:
    assert set(instrument_names()) == {
        "clip-vit-b-32",
        "clip-vit-l-14",
        "fake",
        "inception",
        "ocr",
        "tiny-clip",
    }
    source = load_instrument("clip-vit-l-14").source
    assert source == "hf-hub:timm/vit_large_patch14_clip_224.openai"
    assert load_instrument("inception:./w.pth") == Instrument(
        "inception:./w.pth", "inception", "./w.pth"
    )
    with pytest.raises(BadInputError, match="not an instrument"):
        load_instrument("open_clip:\x1b[0m")
