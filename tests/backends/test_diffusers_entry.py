from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evalharness.backends.device import nvidia
from evalharness.backends.diffusers import ENTRY, entry
from evalharness.catalog.registry import backend
from evalharness.core.errors import (
    BadInputError,
    MissingWeightsError,
    UnknownNameError,
    UntrustedWeightsError,
)
from evalharness.core.keys import model_digest
from evalharness.core.nouns import Adapter, Model

MakeModel = Callable[..., Model]
Tiny = Callable[[str], Path]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_entry_needs_no_torch() -> None:
    program = (
        "import sys; from evalharness.catalog.registry import backend; backend('diffusers');"
        "heavy = {'torch', 'diffusers', 'huggingface_hub', 'numpy'};"
        "sys.exit(bool(heavy & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert backend("diffusers") is ENTRY


def test_a_moved_folder_keeps_its_digest(tiny: Tiny, model: MakeModel, tmp_path: Path) -> None:
    first = model(tiny("sd1"))
    second = model(shutil.copytree(tiny("sd1"), tmp_path / "elsewhere"))
    digests = [model_digest(m, ENTRY.resolve(m)) for m in (first, second)]
    assert digests[0] == digests[1]
    (tmp_path / "elsewhere/scheduler/scheduler_config.json").write_text("{}")
    assert ENTRY.resolve(second).revision != ENTRY.resolve(first).revision


def test_pickles_only_are_refused(tiny: Tiny, model: MakeModel, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny("sd1"), tmp_path / "pickles")
    for file in folder.rglob("*.safetensors"):
        file.rename(file.with_suffix(".bin"))
    with pytest.raises(UntrustedWeightsError, match="pickles only"):
        ENTRY.resolve(model(folder))


def test_missing_offline(model: MakeModel) -> None:
    with pytest.raises(MissingWeightsError, match="hf download org/never-cached"):
        ENTRY.resolve(model("org/never-cached"))


def test_a_folder_in_another_layout(model: MakeModel, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/part").mkdir()
    (tmp_path / "m/part/model.safetensors").touch()
    with pytest.raises(MissingWeightsError, match=r"no diffusers pipeline.*model_index"):
        ENTRY.resolve(model(tmp_path / "m"))


def test_code_beside_weights_needs_trust_and_a_pin(
    tiny: Tiny, model: MakeModel, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny("sd1"), tmp_path / "coded")
    index = json.loads((folder / "model_index.json").read_text())
    index["_class_name"] = ["own", "OwnPipeline"]
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "own.py").write_text("raise SystemExit('this code ran')")
    with pytest.raises(UntrustedWeightsError, match="come with their own code") as caught:
        ENTRY.resolve(model(folder))
    revision = str(caught.value).rsplit("revision: ", maxsplit=1)[1].rstrip(".")
    trusted = {"trust_remote_code": True, "dtype": "float32"}
    for unpinned in (None, "main"):
        with pytest.raises(UntrustedWeightsError, match="only at a pinned revision"):
            ENTRY.resolve(model(folder, options=trusted, revision=unpinned))
    assert ENTRY.resolve(model(folder, options=trusted, revision=revision)).revision == revision


@pytest.mark.parametrize(
    ("device", "gpu", "dtype"),
    [
        ("auto", True, "bfloat16"),
        ("auto", False, "float32"),
        ("cpu", True, "float32"),
        ("cuda", False, "bfloat16"),
    ],
)
def test_settle_writes_the_machines_dtype(
    monkeypatch: pytest.MonkeyPatch, model: MakeModel, device: str, gpu: bool, dtype: str
) -> None:
    monkeypatch.setattr(entry, "has_nvidia_gpu", lambda: gpu)
    settled = ENTRY.settle(model("org/name", options={}, placement={"device": device}))
    assert settled.options == {"dtype": dtype}
    asked = model("org/name", options={"dtype": "float16"})
    assert ENTRY.settle(asked).options == {"dtype": "float16"}


def test_hidden_gpus_are_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not nvidia.has_nvidia_gpu()


def test_a_single_file_needs_a_config(tiny: Tiny, model: MakeModel, tmp_path: Path) -> None:
    file = tmp_path / "one.safetensors"
    file.write_bytes(b"weights")
    with pytest.raises(BadInputError, match=r"options\.config"):
        ENTRY.resolve(model(file))
    with pytest.raises(MissingWeightsError, match="hf download org/uncached"):
        ENTRY.resolve(model(file, options={"config": "org/uncached"}))


def test_a_config_is_identified_by_content_not_path(
    tiny: Tiny, model: MakeModel, tmp_path: Path
) -> None:
    file = tmp_path / "one.safetensors"
    file.write_bytes(b"weights")
    copied = shutil.copytree(tiny("sd1"), tmp_path / "copy")
    models = [ENTRY.settle(model(file, options={"config": str(c)})) for c in (tiny("sd1"), copied)]
    assert model_digest(models[0], ENTRY.resolve(models[0])) == model_digest(
        models[1], ENTRY.resolve(models[1])
    )
    (copied / "scheduler/scheduler_config.json").write_text("{}")
    assert ENTRY.resolve(models[0]).revision != ENTRY.resolve(models[1]).revision


def test_a_single_file_is_pinned_with_its_config_or_alone(
    tiny: Tiny, model: MakeModel, tmp_path: Path
) -> None:
    file = tmp_path / "one.safetensors"
    file.write_bytes(b"weights")
    config = shutil.copytree(tiny("sd1"), tmp_path / "config")
    options = {"config": str(config)}
    recorded = ENTRY.resolve(model(file, options=options)).revision
    alone = f"sha256:{hashlib.sha256(b'weights').hexdigest()}"
    for pin in (recorded, alone):
        assert ENTRY.resolve(model(file, options=options, revision=pin)).revision == recorded
    with pytest.raises(BadInputError, match=f"{recorded} .*alone is {alone}.*one of these two"):
        ENTRY.resolve(model(file, options=options, revision="sha256:00"))
    (config / "scheduler/scheduler_config.json").write_text("{}")
    with pytest.raises(BadInputError, match=f"pinned to revision {recorded}"):
        ENTRY.resolve(model(file, options=options, revision=recorded))


def with_variant(folder: Path, variant: str, plain: bool) -> Path:
    for file in [*folder.rglob("*.safetensors")]:
        shutil.copy(file, file.with_suffix(f".{variant}.safetensors"))
        if not plain:
            file.unlink()
    return folder


def test_only_the_weights_that_are_loaded_identify_a_model(
    tiny: Tiny, model: MakeModel, tmp_path: Path
) -> None:
    plain = ENTRY.resolve(model(tiny("sd1"))).revision
    both = with_variant(shutil.copytree(tiny("sd1"), tmp_path / "both"), "bf16", plain=True)
    alone = with_variant(shutil.copytree(tiny("sd1"), tmp_path / "alone"), "bf16", plain=False)
    options = {"variant": "bf16"}
    assert ENTRY.resolve(model(both)).revision == plain
    asked = {ENTRY.resolve(model(folder, options=options)).revision for folder in (both, alone)}
    assert len(asked) == 1
    with pytest.raises(MissingWeightsError, match=r"unet/ .* there are variants: bf16"):
        ENTRY.resolve(model(alone))
    with pytest.raises(MissingWeightsError, match="no weights of variant 'bf16'"):
        ENTRY.resolve(model(tiny("sd1"), options=options))


def test_a_cached_variant_is_no_cached_model(
    tiny: Tiny, model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--org--name/snapshots" / COMMIT
    with_variant(shutil.copytree(tiny("sd1"), snapshot), "fp16", plain=False)
    asked = model("org/name", revision=COMMIT, options={"variant": "fp16"})
    assert ENTRY.resolve(asked).location == str(snapshot)
    with pytest.raises(MissingWeightsError, match=r"not .completely. in the cache"):
        ENTRY.resolve(model("org/name", revision=COMMIT))


def test_an_adapter_folder_must_hold_one_file(tiny: Tiny, model: MakeModel, tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"a")
    asked = model(tiny("sd1"), adapters=(Adapter(str(tmp_path)),))
    (found,) = ENTRY.resolve(asked).adapters
    assert found.location == str(tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_bytes(b"b")
    with pytest.raises(BadInputError, match="Name the file"):
        ENTRY.resolve(asked)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"options": {"dtpye": "float32"}}, UnknownNameError, "Did you mean 'dtype'"),
        ({"options": {"dtype": "float8"}}, BadInputError, "one of bfloat16, float16, float32"),
        ({"placement": {"device": "gpu"}}, BadInputError, "one of auto, cpu, cuda, mps"),
        (
            {"placement": {"device": "cuda:1"}},
            BadInputError,
            "'cuda:1'; expected cuda.*device: cuda and set CUDA_VISIBLE_DEVICES=1",
        ),
        ({"placement": {"batch_size": 0}}, BadInputError, "at least 1"),
        ({"placement": {"offload": "disk"}}, BadInputError, "group, model, none"),
        ({"options": {"vae_tiling": "yes"}}, BadInputError, "true or false"),
    ],
)
def test_bad_choices_are_found_while_planning(
    model: MakeModel, given: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ENTRY.settle(model("org/name", **given))
