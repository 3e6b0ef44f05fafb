import subprocess
import sys
from pathlib import Path

import pytest

from evalharness.catalog import registry
from tests.extractors.judges import bert_words, transformers_clip
from tests.extractors.published import write_classifier, write_csd, write_dinov2, write_yolos

NAMES = sorted(registry.BUILT_IN["extractors"])


@pytest.mark.parametrize("name", NAMES)
def test_entries_agree_with_the_registry(name: str) -> None:
    entry = registry.extractor(name)
    assert entry.name == name
    assert entry.reads
    assert entry.gives
    assert callable(registry.load(entry.implementation))
    assert all(__import__(module) for module in entry.imports)


def test_entries_and_their_resolving_never_import_torch(
    clip_folder: Path, fid_weights: Path, tmp_path: Path
) -> None:
    head, words = tmp_path / "head.safetensors", tmp_path / "words"
    head.write_bytes(b"never opened")
    bert_words(words)
    transformers_clip(tmp_path / "pickscore")
    found = {
        "open_clip": clip_folder,
        "inception": fid_weights,
        "hps": head,
        "laion_aesthetic": head,
        "image_reward": head,
        "pickscore": tmp_path / "pickscore",
        "lpips": head,
        "csd": write_csd(tmp_path / "csd" / "model.safetensors"),
        "dinov2": write_dinov2(tmp_path / "dinov2"),
        "image_classifier": write_classifier(tmp_path / "classifier"),
        "named_objects": write_yolos(tmp_path / "objects"),
        "objects": tmp_path / "objects",
        "vqa": tmp_path / "pickscore",
        "judge": tmp_path / "pickscore",
        "served_judge": "org/model",
        "sentence": tmp_path / "pickscore",
    }
    sources = {name: str(path) for name, path in found.items()}
    judges = {"tower": str(clip_folder), "tokenizer": str(words)}
    options = dict.fromkeys(("hps", "laion_aesthetic", "image_reward", "pickscore"), judges)
    options["image_classifier"] = {"label": "nsfw"}
    code = f"""
import os, sys
os.environ["EVALHARNESS_JUDGE_URL"] = "http://127.0.0.1:9/v1"
from evalharness.catalog import registry
from evalharness.core.nouns import Instrument
sources, options = {sources!r}, {options!r}
for name in {NAMES!r}:
    chosen = options.get(name, {{}})
    instrument = Instrument(name, name, sources.get(name, ""), options=chosen)
    found = registry.extractor(name).resolve(instrument)
    assert found.location is not None, name
assert not {{"torch", "onnxruntime", "cv2", "transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
