import json
import shutil
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers import AutoModel, Dinov2Config, Dinov2Model

from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors.transformers_models import load_model, model_folder
from evalharness.extractors.transformers_weights import resolve

CONFIG = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 28}


def tiny(source: object) -> Instrument:
    return Instrument("tiny", "any", str(source))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    Dinov2Model(Dinov2Config(**CONFIG)).save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def load(folder: Path) -> torch.nn.Module:
    return load_model(AutoModel, folder, tiny(folder))


def test_a_folder_is_resolved_by_content_and_loaded_as_it_was_saved(
    folder: Path, tmp_path: Path
) -> None:
    found = resolve(tiny(folder))
    assert found.location == str(folder)
    (folder / "README.md").write_text("not weights")
    moved = shutil.copytree(folder, tmp_path / "moved")
    assert resolve(tiny(moved)).revision == found.revision
    model = load(model_folder(tiny(folder), found))
    assert not model.training
    torch.manual_seed(0)
    saved = Dinov2Model(Dinov2Config(**CONFIG)).state_dict()
    assert model.state_dict().keys() == saved.keys()
    assert all(torch.equal(weight, saved[name]) for name, weight in model.state_dict().items())


def test_half_precision_weights_are_loaded_as_single(folder: Path) -> None:
    path = folder / "model.safetensors"
    half = {k: v.half() for k, v in load_file(path).items()}
    save_file(half, path, {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "dtype": "float16"}))
    assert {p.dtype for p in load(folder).parameters()} == {torch.float32}


def test_weights_that_are_missing_are_never_made_up(folder: Path) -> None:
    path = folder / "model.safetensors"
    whole = load_file(path)
    save_file({k: v for k, v in whole.items() if k != "layernorm.weight"}, path, {"format": "pt"})
    with pytest.raises(MissingWeightsError, match=r"lacks 1 weights.*layernorm\.weight"):
        load(folder)
    other = {**whole, "layernorm.weight": torch.ones(3)}
    save_file(other, path, {"format": "pt"})
    with pytest.raises(MissingWeightsError, match=r"layernorm\.weight"):
        load(folder)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(MissingWeightsError, match="cannot load"):
        load(folder)


def test_folders_that_cannot_or_must_not_be_loaded(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no source"):
        resolve(tiny(""))
    with pytest.raises(MissingWeightsError, match="nothing at"):
        resolve(tiny(tmp_path / "nowhere"))
    with pytest.raises(MissingWeightsError, match=r"no config\.json"):
        resolve(tiny(folder / "model.safetensors"))
    (folder / "config.json").write_text("{")
    with pytest.raises(BadInputError, match="no JSON"):
        resolve(tiny(folder))
    (folder / "config.json").write_text("[]")
    with pytest.raises(BadInputError, match="model_type"):
        resolve(tiny(folder))
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(BadInputError, match="adapter"):
        resolve(tiny(folder))
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UntrustedWeightsError, match="pickle"):
        resolve(tiny(folder))


def test_code_of_a_folder_never_runs(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    (folder / "own.py").write_text(f"import pathlib; pathlib.Path({str(mark)!r}).touch()")
    own = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    (folder / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": own}))
    with pytest.raises(UntrustedWeightsError, match="running code"):
        load(folder)
    assert not mark.exists()


def test_hub_models_come_from_the_cache_or_not_at_all(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(MissingWeightsError, match="hf download org/model"):
        resolve(tiny("hf-hub:org/model"))
    commit = "cd" * 20
    with pytest.raises(MissingWeightsError, match="org/model cannot be downloaded"):
        model_folder(tiny("hf-hub:org/model"), Resolution(commit, None))
    snapshot = tmp_path / "hub" / "models--org--model" / "snapshots" / commit
    shutil.copytree(folder, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text(commit)
    for source in ("hf-hub:org/model", "org/model"):
        found = resolve(tiny(source))
        assert found == Resolution(commit, str(snapshot))
        assert load(model_folder(tiny(source), found)).config.hidden_size == 16


def test_other_formats_beside_the_weights_change_nothing(folder: Path) -> None:
    found = resolve(tiny(folder))
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}")
    (folder / "model.fp16.safetensors").write_bytes(b"other")
    assert resolve(tiny(folder)) == found
