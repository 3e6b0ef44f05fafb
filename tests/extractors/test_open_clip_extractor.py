import json
import shutil
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Media, Picture, Text
from evalharness.extractors.open_clip import ENTRY
from evalharness.extractors.open_clip_model import OpenClipExtractor
from evalharness.extractors.open_clip_pictures import Preprocessing
from evalharness.extractors.open_clip_text import encode_texts
from evalharness.extractors.subjects import UnreadableSubjectError

LONG = "a red cube on a wooden table beside seven little green glass bottles in the rain"


def look(folder: Path, subjects: list[Media]) -> list[FeatureValue]:
    instrument = Instrument("tiny", "open_clip", str(folder))
    with OpenClipExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return list(extractor.extract(subjects))


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "open_clip_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def picture(height: int, width: int, seed: int) -> np.ndarray:
    low = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(low).resize((width, height)))


def test_pictures_equal_open_clips_own_preprocessing_and_encoding(clip_folder: Path) -> None:
    sizes = [(32, 32), (48, 40), (32, 32), (20, 90), (1, 1), (48, 40)]
    pictures = [picture(*size, seed=i) for i, size in enumerate(sizes)]
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{clip_folder}")
    with torch.no_grad():
        ready = torch.stack([transform(Image.fromarray(p)) for p in pictures])
        expected = model.eval().encode_image(ready, normalize=True).numpy()
    found = look(clip_folder, [Picture(p) for p in pictures])
    vectors = np.stack([value.vector for value in found])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert np.abs(vectors[0] - vectors[2]).max() > 1e-3


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_one_operation_for_the_models_size_is_exact(mode: str, interpolation: str) -> None:
    config = {
        "size": 24,
        "mode": "RGB",
        "mean": (0.48, 0.45, 0.4),
        "std": (0.26, 0.27, 0.28),
        "interpolation": interpolation,
        "resize_mode": mode,
        "fill_color": 0,
    }
    transform = Preprocessing(config)
    batch = np.stack([picture(24, 24, seed) for seed in range(5)])
    own = torch.stack([transform._single(Image.fromarray(p)) for p in batch])
    assert torch.equal(transform(batch), own)


def test_texts_equal_open_clips_own_and_keep_the_end_token(clip_folder: Path) -> None:
    texts = ["a red cube", LONG]
    model = open_clip.create_model(f"local-dir:{clip_folder}").eval()
    tokens = open_clip.get_tokenizer(f"local-dir:{clip_folder}")(texts)
    end = open_clip.SimpleTokenizer().eot_token_id
    assert tokens[1, -1] == end
    with torch.no_grad():
        expected = model.encode_text(tokens, normalize=True).numpy()
    short, long = look(clip_folder, [Text(t) for t in texts])
    np.testing.assert_allclose(short.vector, expected[0], atol=1e-6)
    np.testing.assert_allclose(long.vector, expected[1], atol=1e-6)
    assert short.detail is None
    assert long.detail == {"truncated": True, "tokens": 18}


def test_short_texts_are_read_without_the_padding_behind_them(clip_folder: Path) -> None:
    model = open_clip.create_model(f"local-dir:{clip_folder}").eval()
    tokens = open_clip.get_tokenizer(f"local-dir:{clip_folder}")(["a red cube", "cat"])
    read: list[int] = []
    model.token_embedding.register_forward_hook(
        lambda _m, asked, _o: read.append(asked[0].shape[1])
    )
    with torch.no_grad():
        expected = model.encode_text(tokens, normalize=True)
        found = encode_texts(model, tokens)
        again = model.encode_text(tokens, normalize=True)
    assert read == [12, 5, 12]
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)
    assert torch.equal(again, expected)


def test_cutting_is_reported_exactly_where_it_begins(clip_folder: Path) -> None:
    # 12 places: start, ten words, end.
    ten, eleven = Text("cat " * 10), Text("cat " * 11)
    fits, cut = look(clip_folder, [ten, eleven])
    assert fits.detail is None
    assert cut.detail == {"truncated": True, "tokens": 13}
    np.testing.assert_allclose(cut.vector, fits.vector, atol=1e-6)


def test_models_that_drop_random_words_are_cut_at_the_end_instead(clip_folder: Path) -> None:
    plain = look(clip_folder, [Text(LONG)])[0].vector
    config = json.loads((clip_folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["tokenizer_kwargs"] = {"reduction_mask": "random"}
    change_config(clip_folder, **config)
    np.testing.assert_array_equal(look(clip_folder, [Text(LONG)])[0].vector, plain)


def test_what_it_cannot_take_is_said(clip_folder: Path, clip_state: dict) -> None:
    with pytest.raises(UnreadableSubjectError, match="picture 0 is float32"):
        look(clip_folder, [Picture(np.zeros((8, 8, 3), np.float32))])
    with pytest.raises(UnreadableSubjectError, match=r"shape \(8, 8\)"):
        look(clip_folder, [Picture(np.zeros((8, 8), np.uint8))])
    with pytest.raises(UnreadableSubjectError, match="one kind"):
        look(clip_folder, [Text("a"), Picture(np.zeros((8, 8, 3), np.uint8))])
    assert look(clip_folder, []) == []


def test_weights_that_give_nan_are_refused(clip_folder: Path, clip_state: dict) -> None:
    broken = {**clip_state, "visual.proj": torch.full_like(clip_state["visual.proj"], torch.nan)}
    save_file(broken, clip_folder / "open_clip_model.safetensors")
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity for 1 of 1"):
        look(clip_folder, [Picture(np.zeros((8, 8, 3), np.uint8))])


def resolve(source: str) -> object:
    return ENTRY.resolve(Instrument("tiny", "open_clip", source))


def test_a_folder_is_identified_by_its_content(clip_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(clip_folder, tmp_path / "copy")
    (copy / "README.md").write_text("not weights")
    first, second = resolve(str(clip_folder)), resolve(str(copy))
    assert first.revision.startswith("sha256:")
    assert first.revision == second.revision
    change_config(copy, preprocess_cfg={"resize_mode": "squash"})
    assert resolve(str(copy)).revision != first.revision


def test_folders_that_cannot_or_must_not_be_loaded(clip_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match="nowhere"):
        resolve(str(tmp_path / "nowhere"))
    with pytest.raises(BadInputError, match="no source"):
        resolve("")
    weights = clip_folder / "open_clip_model.safetensors"
    renamed = weights.rename(clip_folder / "model.safetensors")
    with pytest.raises(MissingWeightsError, match=r"looked for in open_clip_model\.safetensors"):
        resolve(str(clip_folder))
    renamed.unlink()
    (clip_folder / "open_clip_pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(UntrustedWeightsError, match="pickle"):
        resolve(str(clip_folder))


def test_configurations_that_cannot_or_must_not_be_used(clip_folder: Path) -> None:
    text_cfg = {"hf_model_name": "x", "hf_tokenizer_name": "x"}
    tricky = {"tokenizer_kwargs": {"trust_remote_code": True}, **text_cfg}
    change_config(clip_folder, model_cfg={"vision_cfg": {}, "text_cfg": tricky})
    with pytest.raises(UntrustedWeightsError, match="trust_remote_code"):
        resolve(str(clip_folder))
    (clip_folder / "open_clip_config.json").write_text('{"model_cfg": 3}')
    with pytest.raises(BadInputError, match="not an open_clip configuration"):
        resolve(str(clip_folder))
    (clip_folder / "open_clip_config.json").unlink()
    with pytest.raises(MissingWeightsError, match=r"no open_clip_config\.json"):
        resolve(str(clip_folder))


def test_weights_of_another_architecture_are_refused(clip_folder: Path) -> None:
    config = json.loads((clip_folder / "open_clip_config.json").read_text())
    config["model_cfg"]["vision_cfg"]["layers"] = 2
    change_config(clip_folder, **config)
    with pytest.raises(MissingWeightsError, match="belong together"):
        look(clip_folder, [])


def test_hub_models_come_from_the_cache_or_not_at_all(
    clip_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(MissingWeightsError, match="hf download org/clip"):
        resolve("hf-hub:org/clip")
    commit = "ab" * 20
    repository = tmp_path / "hub" / "models--org--clip"
    shutil.copytree(clip_folder, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    found = resolve("hf-hub:org/clip")
    assert (found.revision, found.location) == (commit, str(repository / "snapshots" / commit))


def test_tokenizers_of_transformers_are_cut_before_the_end_token_too(
    clip_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # open_clip reads the text's vector at the highest token, which is the end token.
    words = WordLevel({"<pad>": 0, "<start>": 1, "cat": 2, "dog": 3, "<end>": 4}, "<pad>")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", 4)]
    )
    names = {"pad_token": "<pad>", "bos_token": "<start>", "eos_token": "<end>"}
    whole = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=12, **names)
    whole.save_pretrained(clip_folder)
    config = json.loads((clip_folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "own"
    change_config(clip_folder, **config)
    assert open_clip.get_tokenizer(f"local-dir:{clip_folder}")("cat " * 20)[0, -1] == 4
    texts = ["cat " * 10, "cat " * 10 + "dog", "cat " * 9 + "dog"]
    fits, cut, other = look(clip_folder, [Text(t) for t in texts])
    assert (fits.detail, cut.detail) == (None, {"truncated": True, "tokens": 13})
    np.testing.assert_allclose(cut.vector, fits.vector, atol=1e-6)
    assert np.abs(other.vector - fits.vector).max() > 1e-3
    assert capfd.readouterr().err == ""
