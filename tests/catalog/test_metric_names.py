import json
from pathlib import Path

import pytest

from evalharness.catalog import registry
from evalharness.catalog.instruments import instrument_names, load_instrument
from evalharness.catalog.metrics import expand_metrics, parse_metric
from evalharness.core.errors import BadInputError, MissingWeightsError, UnknownNameError
from evalharness.core.nouns import Instrument, Resolution


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
        "text_accuracy.extra[ocr]",
        "text_accuracy.missing[ocr]",
        "text_accuracy.wer[ocr]",
    ]
    expanded = [c.name for c in expand_metrics(names)]
    assert [c.name for c in expand_metrics(expanded)] == expanded


def test_an_instrument_written_as_a_string() -> None:
    choice = parse_metric("fid[open_clip:ViT-B-32/laion2b_s34b_b79k]")
    assert choice.name == "fid[open_clip:ViT-B-32/laion2b_s34b_b79k]"
    assert choice.instrument is not None
    assert choice.instrument.source == "ViT-B-32/laion2b_s34b_b79k"


@pytest.mark.parametrize(
    ("written", "source", "revision"),
    [
        ("hf-hub:org/name@v1/final", "hf-hub:org/name", "v1/final"),
        ("ViT-B-32/laion2b_s34b_b79k@0123abc", "ViT-B-32/laion2b_s34b_b79k", "0123abc"),
        ("hf-hub:org/name", "hf-hub:org/name", None),
        ("./a@b/folder", "./a@b/folder", None),
        ("/a@b", "/a@b", None),
        ("~/a@b@sha256:00ff", "~/a@b", "sha256:00ff"),
        ("package:x/y@sha256:00ff", "package:x/y", "sha256:00ff"),
    ],
)
def test_an_instrument_may_be_pinned(written: str, source: str, revision: str | None) -> None:
    name = f"open_clip:{written}"
    choice = parse_metric(f"fid[{name}]")
    assert choice.name == f"fid[{name}]"
    assert choice.instrument == Instrument(name, "open_clip", source, revision)


def test_open_clip_takes_the_pinned_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--org--name"
    (repository / "refs").mkdir(parents=True)
    for commit, ref in (("a" * 40, "main"), ("b" * 40, "v1")):
        (repository / "refs" / ref).write_text(commit)
        snapshot = repository / "snapshots" / commit
        snapshot.mkdir(parents=True)
        config = {"model_cfg": {"vision_cfg": {}, "text_cfg": {}}}
        (snapshot / "open_clip_config.json").write_text(json.dumps(config))
        (snapshot / "open_clip_model.safetensors").touch()
    resolve = registry.extractor("open_clip").resolve
    for pin, commit in (("", "a"), ("@v1", "b"), (f"@{'a' * 40}", "a"), (f"@{'b' * 40}", "b")):
        found = resolve(load_instrument(f"open_clip:hf-hub:org/name{pin}"))
        assert found == Resolution(commit * 40, str(repository / "snapshots" / (commit * 40)))
    with pytest.raises(MissingWeightsError, match="hf download org/name --revision v2"):
        resolve(load_instrument("open_clip:hf-hub:org/name@v2"))


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("clip_score", r"needs an instrument.*clip_score\[NAME\]"),
        ("latency[ocr]", "needs none. Write 'latency'"),
        ("clip_score[inception]", "inception reads only picture"),
        ("geneval.correct[owlv2]", "owlv2 reads only pair"),
        ("geneval_named.correct[rtdetr-v2-r50]", "rtdetr-v2-r50 reads only picture"),
        ("inception_score[inception]", "reads logits, but inception gives vector"),
        ("vendi[inception-logits]", "reads vector, but inception-logits gives logits"),
        ("aesthetic[ocr]", "reads rating, but ocr gives confidence and text"),
        ("nsfw_rate[ocr]", "reads probability, but ocr gives confidence and text"),
        ("aesthetic[nsfw]", "reads rating, but nsfw gives probability"),
        ("cmmd[phash]", "reads vector, but phash gives bits"),
        ("near_duplicates.hamming[tiny-clip]", "reads bits, but tiny-clip gives vector"),
        ("preference[smolvlm-500m]", "reads preference, but smolvlm-500m gives probability"),
        ("clip_score[", "not a metric's name"),
        ("clip_score[]", "not a metric's name"),
        ("clip_score[a][b]", "not a metric's name"),
        ("", "not a metric's name"),
        ("a b", "not a metric's name"),
        ("fid[open_clip:]", "not an instrument"),
        ("fid[open_clip:@v1]", "not an instrument"),
        ("fid[open_clip:hf-hub:org/name@]", "not an instrument.*SOURCE@REVISION"),
    ],
)
def test_bad_metrics(written: str, what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        expand_metrics([written])


@pytest.mark.parametrize(
    "written",
    [
        "inception_score[inception-logits]",
        "vendi[inception-clean]",
        "near_duplicates.hamming[phash]",
        "nsfw_rate[nsfw]",
        "aesthetic[laion-aesthetic-v2]",
        "preference[pickscore]",
        "questions[smolvlm-500m]",
        "inception_score[fake]",
        "aesthetic[fake]",
        "aesthetic[laion_aesthetic:./mine.safetensors]",
    ],
)
def test_instruments_that_see_what_a_metric_reads(written: str) -> None:
    assert expand_metrics([written])


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


@pytest.mark.parametrize("name", instrument_names())
def test_every_instrument_has_an_extractor_a_licence_and_a_place(name: str) -> None:
    instrument = load_instrument(name)
    assert registry.extractor(instrument.extractor).reads
    assert instrument.licence
    assert instrument.home or not instrument.source.startswith("hf-hub:")


def test_instruments() -> None:
    assert set(instrument_names()) >= {
        "clip-vit-b-32",
        "clip-vit-h-14",
        "clip-vit-l-14",
        "clip-vit-l-14-336",
        "csd",
        "dinov2-vit-l-14",
        "fake",
        "grounding-dino-tiny",
        "hps-v2.1",
        "image-reward",
        "inception",
        "inception-antialiased",
        "inception-clean",
        "inception-logits",
        "laion-aesthetic-v1",
        "laion-aesthetic-v2",
        "nsfw",
        "ocr",
        "owlv2",
        "phash",
        "pickscore",
        "pixels",
        "rtdetr-v2-r50",
        "rtdetr-v2-r50-clip",
        "siglip2-so400m-14-378",
        "style-statistics",
        "tiny-clip",
    }
    source = load_instrument("clip-vit-l-14").source
    assert source == "hf-hub:timm/vit_large_patch14_clip_224.openai"
    assert load_instrument("inception:./w.pth") == Instrument(
        "inception:./w.pth", "inception", "./w.pth"
    )
    with pytest.raises(BadInputError, match="not an instrument"):
        load_instrument("open_clip:\x1b[0m")
