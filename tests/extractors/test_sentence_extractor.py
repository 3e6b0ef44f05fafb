"""Vectors of texts: sentence-transformers' own numbers, and refusals of what would run code."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from evalharness.core.errors import (
    BadInputError,
    HarnessError,
    MissingWeightsError,
    UntrustedWeightsError,
)
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Picture, Text
from evalharness.extractors.sentence import ENTRY
from evalharness.extractors.sentence_network import SentenceExtractor
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors import encoders

TEXTS = [
    "the cat sat on the mat",
    "dog",
    "",
    "a red cat ran under the blue mat the dog sat on " * 2,
    "a red dog is not a blue cat " * 5,
    "the cat sat on the mat and did things unheard of",
]


def seen(folder: Path, texts: Sequence[str] = TEXTS, **options: Any) -> list[FeatureValue]:
    instrument = Instrument("minds", "sentence", str(folder), options=options)
    with SentenceExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return list(extractor.extract([Text(text) for text in texts]))


def vectors(folder: Path, texts: Sequence[str] = TEXTS, **options: Any) -> np.ndarray:
    return np.stack([one.vector for one in seen(folder, texts, **options)])


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Path, Any]]:
    """A model saved by sentence-transformers itself, and that model as it reads it again."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import (
        Dense,
        Normalize,
        Pooling,
        Transformer,
    )

    def save(
        encoder: Callable[[Path], Path],
        *,
        pooling: Any = "mean",
        more: bool = False,
        include_prompt: bool = True,
        **told: Any,
    ) -> tuple[Path, Any]:
        folder = tmp_path_factory.mktemp("sentence")
        reads = Transformer(str(encoder(folder / "encoder")), **told.pop("transformer", {}))
        pools = Pooling(32, pooling_mode=pooling, include_prompt=include_prompt)
        modules = [reads, pools]
        if more:
            torch.manual_seed(1)
            modules += [Dense(32, 12), Normalize()]
        whole = folder / "whole"
        SentenceTransformer(modules=modules, device="cpu", **told).save(str(whole))
        return whole, SentenceTransformer(str(whole), device="cpu", local_files_only=True)

    return save


@pytest.mark.parametrize(
    "pooling",
    ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", ("cls", "mean")],
)
def test_every_pooling_gives_the_librarys_vectors(saved, pooling):
    folder, theirs = saved(encoders.bert, pooling=pooling)
    np.testing.assert_allclose(vectors(folder), theirs.encode(TEXTS), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("encoder", [encoders.bert, encoders.roberta, encoders.t5])
def test_layers_after_the_pooling_and_other_encoders_give_the_librarys_vectors(saved, encoder):
    folder, theirs = saved(encoder, more=True)
    ours = vectors(folder)
    np.testing.assert_allclose(ours, theirs.encode(TEXTS), rtol=2e-5, atol=2e-6)
    assert ours.shape == (len(TEXTS), 12)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("pools", [True, False])
def test_a_prefix_stands_before_every_text_pooled_or_not(saved, pools):
    folder, theirs = saved(encoders.bert, include_prompt=pools)
    ours = vectors(folder, prefix="query : ")
    np.testing.assert_allclose(ours, theirs.encode(TEXTS, prompt="query : "), rtol=2e-5, atol=2e-6)
    assert not np.allclose(ours, vectors(folder), atol=1e-3)


def test_a_folders_own_default_prompt_is_used_unless_another_is_chosen(saved):
    prompts = {"prompts": {"same": "query : "}, "default_prompt_name": "same"}
    folder, theirs = saved(encoders.bert, **prompts)
    np.testing.assert_allclose(vectors(folder), theirs.encode(TEXTS), rtol=2e-5, atol=2e-6)
    plain = theirs.encode(TEXTS, prompt="")
    np.testing.assert_allclose(vectors(folder, prefix=""), plain, rtol=2e-5, atol=2e-6)


def test_a_folders_own_limit_and_lower_case_are_kept(saved):
    chosen = {"max_seq_length": 9, "do_lower_case": True}
    folder, theirs = saved(encoders.bert, transformer=chosen)
    texts = [text.upper() for text in TEXTS]
    np.testing.assert_allclose(vectors(folder, texts), theirs.encode(texts), rtol=2e-5, atol=2e-6)
    assert [one.detail for one in seen(folder)][:3] == [None] * 3
    assert seen(folder)[3].detail == {"truncated": True, "tokens": 26}


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_plain_encoder_is_pooled_by_its_mean_or_as_chosen(tmp_path, pooling):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    folder = encoders.bert(tmp_path / "plain")
    parts = [Transformer(str(folder)), Pooling(32, pooling_mode=pooling)]
    theirs = SentenceTransformer(modules=parts, device="cpu")
    chosen = {} if pooling == "mean" else {"pooling": pooling}
    np.testing.assert_allclose(
        vectors(folder, **chosen), theirs.encode(TEXTS), rtol=2e-5, atol=2e-6
    )


def test_vectors_do_not_depend_on_what_stands_beside_a_text(tmp_path):
    folder = encoders.bert(tmp_path / "bert")
    many = [*TEXTS, *(f"a {'red ' * n}cat" for n in range(40))]
    together = vectors(folder, many)
    alone = np.concatenate([vectors(folder, [text]) for text in many[:12]])
    np.testing.assert_array_equal(together[:12], alone)
    np.testing.assert_array_equal(vectors(folder, many[::-1])[::-1], together)


def test_long_texts_are_cut_and_told_and_a_million_tokens_are_read_in_seconds(tmp_path):
    folder = encoders.roberta(tmp_path / "roberta")
    started = time.monotonic()
    (found,) = seen(folder, ["the cat sat " * 350_000])
    assert time.monotonic() - started < 60
    assert found.detail == {"truncated": True, "tokens": 1_050_002}
    assert np.isfinite(found.vector).all()
    (short,) = seen(folder, ["cat " * 40], max_tokens=12)
    assert short.detail == {"truncated": True, "tokens": 42}


def test_where_nothing_has_a_limit_no_text_is_cut(tmp_path):
    folder = encoders.t5(tmp_path / "t5")
    encoders.reader(room=None).save_pretrained(folder)
    long = "the red cat sat on a mat " * 20
    found = seen(folder, ["dog", long, f"{long} dog"])
    assert [one.detail for one in found] == [None] * 3
    assert not np.array_equal(found[1].vector, found[2].vector)
    assert seen(folder, [long], max_tokens=12)[0].detail == {"truncated": True, "tokens": 142}


@pytest.mark.parametrize("name", ["vocab.txt", "merges.txt", "spiece.model", "vocab.json"])
def test_the_tokenizer_of_an_old_layouts_encoder_belongs_to_its_identity(saved, tmp_path, name):
    folder = shutil.copytree(saved(encoders.bert)[0], tmp_path / "old")
    (folder / "0_Transformer").mkdir()
    for file in folder.glob("*.*"):
        if file.name != "modules.json":
            shutil.copy(file, folder / "0_Transformer")
    _changed(folder, lambda m: m[0].update(path="0_Transformer"))
    instrument = Instrument("minds", "sentence", str(folder))
    found = []
    for words in ("a", "b"):
        (folder / "0_Transformer" / name).write_text(words)
        found.append(ENTRY.resolve(instrument).revision)
    assert len({*found}) == 2


def test_lone_surrogates_and_odd_characters_have_vectors(tmp_path):
    folder = encoders.bert(tmp_path / "bert")
    odd = vectors(folder, ["cat \ud800 dog", "cat \ufffd dog", "\0", "🐈"])
    np.testing.assert_array_equal(odd[0], odd[1])
    assert np.isfinite(odd).all()


def test_only_texts_are_read(tmp_path):
    instrument = Instrument("minds", "sentence", str(encoders.bert(tmp_path / "bert")))
    with (
        SentenceExtractor(instrument, ENTRY.resolve(instrument)) as extractor,
        pytest.raises(UnreadableSubjectError, match="Picture"),
    ):
        extractor.extract([Picture(np.zeros((4, 4, 3), np.uint8))])


def _changed(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    file = folder / "modules.json"
    modules = json.loads(file.read_text())
    change(modules)
    file.write_text(json.dumps(modules))
    return folder


def test_code_that_a_folder_brings_along_is_never_run(saved):
    folder, _ = saved(encoders.bert)
    (folder / "own.py").write_text("raise SystemExit('it ran')")
    changed = _changed(folder, lambda m: m[0].update(type="own.Transformer"))
    with pytest.raises(UntrustedWeightsError, match=r"own\.Transformer"):
        seen(changed)


def test_a_layer_as_a_pickle_is_refused_where_the_encoder_is_safe(saved):
    folder, _ = saved(encoders.bert, more=True)
    (dense,) = folder.glob("*_Dense")
    (dense / "model.safetensors").rename(dense / "pytorch_model.bin")
    with pytest.raises(UntrustedWeightsError, match="pytorch_model"):
        seen(folder)


def test_modules_of_other_kinds_and_paths_outside_are_refused(saved):
    folder, _ = saved(encoders.bert)
    _changed(folder, lambda m: m[1].update(type="sentence_transformers.models.CNN"))
    with pytest.raises(BadInputError, match="expected Transformer and Pooling"):
        seen(folder)
    _changed(folder, lambda m: m[1].update(path="../elsewhere"))
    with pytest.raises(BadInputError, match="inside the folder"):
        seen(folder)


def test_weights_that_are_missing_are_told_but_for_those_nobody_reads(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = encoders.bert(tmp_path / "bert", pooler=False)
    assert len(seen(folder, ["cat"])) == 1  # without the pooler, which is not read
    state = load_file(folder / "model.safetensors")
    del state["encoder.layer.1.output.dense.weight"]
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(MissingWeightsError, match=r"layer\.1\.output"):
        seen(folder)


@pytest.mark.parametrize(
    "options", [{"pooling": "best"}, {"max_tokens": 0}, {"prefix": 3}, {"prompt": "query"}]
)
def test_options_are_checked_before_anything_is_loaded(tmp_path, options):
    instrument = Instrument("m", "sentence", str(encoders.bert(tmp_path / "b")), options=options)
    with pytest.raises(HarnessError, match=next(iter(options))):
        ENTRY.resolve(instrument)
