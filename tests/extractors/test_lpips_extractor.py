from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file, save_file
from torchmetrics.functional.image.lpips import _LPIPS
from torchmetrics.image import LearnedPerceptualImagePatchSimilarity

from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import (
    BadInputError,
    MissingWeightsError,
    UnknownNameError,
    UntrustedWeightsError,
)
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Change, Picture
from evalharness.extractors import lpips, lpips_network
from evalharness.extractors.lpips import ENTRY
from evalharness.extractors.lpips_network import LpipsExtractor, backbone_network
from evalharness.extractors.subjects import UnreadableSubjectError

BUILDERS = {"alex": torchvision.models.alexnet, "vgg": torchvision.models.vgg16}


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Random backbones with torchvision's names, the classifier left out."""
    folder = tmp_path_factory.mktemp("lpips")
    paths = {}
    for name in BUILDERS:
        torch.manual_seed(0)
        network = backbone_network(name)
        state = {}
        for key, value in network.state_dict().items():
            spread = (2.0 / max(1, value[0].numel())) ** 0.5 if value.ndim > 1 else 0.05
            state[key] = torch.randn(value.shape) * spread
        paths[name] = folder / f"{name}.safetensors"
        save_file(state, paths[name])
    return paths


def instrument(path: Path, name: str = "alex") -> Instrument:
    return Instrument("tiny", "lpips", str(path), options={"network": name})


def distance(chosen: Instrument, *changes: Change) -> list[float | None]:
    with LpipsExtractor(chosen, ENTRY.resolve(chosen)) as extractor:
        return [value.detail.get("distance") for value in extractor.extract(changes)]


def picture(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    low = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(low).resize((width, height)))


@pytest.mark.parametrize("name", BUILDERS)
def test_distances_are_those_of_torchmetrics_class(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def from_ours(net: str, pretrained: bool = False) -> torch.nn.Module:
        features = BUILDERS[name](weights=None).features
        own = {k.removeprefix("features."): v for k, v in load_file(weights[name]).items()}
        features.load_state_dict(own, strict=False)
        return features

    monkeypatch.setattr(
        "torchmetrics.functional.image.lpips._get_tv_model_features", from_ours, raising=True
    )
    theirs = LearnedPerceptualImagePatchSimilarity(net_type=name, normalize=True)
    assert isinstance(theirs.net, _LPIPS)
    pairs = [(picture(1), picture(2)), (picture(1), picture(1)), (picture(3), picture(4))]
    pairs.append((picture(5, 150, 40), picture(6, 150, 40)))  # more rows than are compared at once
    found = distance(instrument(weights[name], name), *(Change(a, b) for a, b in pairs))
    for (before, after), ours in zip(pairs, found, strict=True):
        both = [torch.from_numpy(p.transpose(2, 0, 1)[None].copy()) / 255 for p in (before, after)]
        assert ours == pytest.approx(theirs(*both).item(), rel=1e-4, abs=1e-6)
    assert found[1] == 0.0 < found[0]


def test_what_was_to_be_changed_counts_as_it_was(weights: dict[str, Path]) -> None:
    before, other = picture(1), picture(2)
    region = np.zeros(before.shape[:2], np.bool_)
    region[:, 20:] = True
    painted = np.where(region[..., None], other, before)
    outside = np.where(region[..., None], before, other)
    chosen = instrument(weights["alex"])
    kept, broken, whole, everything = distance(
        chosen,
        Change(before, painted, region),
        Change(before, other, region),
        Change(before, outside),
        Change(before, other, np.ones_like(region)),
    )
    assert kept == 0.0
    assert broken == whole > 0.0
    assert everything is None


def test_the_picture_before_is_brought_to_the_answers_size(weights: dict[str, Path]) -> None:
    before = picture(1, 96, 128)
    given = np.asarray(Image.fromarray(before).resize((64, 48), Image.Resampling.LANCZOS))
    assert distance(instrument(weights["alex"]), Change(before, given)) == [0.0]


@pytest.mark.parametrize(("name", "least"), [("alex", 31), ("vgg", 16)])
def test_the_smallest_pictures_are_compared_and_smaller_ones_refused(
    weights: dict[str, Path], name: str, least: int
) -> None:
    chosen = instrument(weights[name], name)
    one, other = picture(1, least, least), picture(2, least, least)
    [found] = distance(chosen, Change(one, other))
    assert found > 0
    with pytest.raises(UnreadableSubjectError, match=f"at least {least}×{least} pixels"):
        distance(chosen, Change(one[1:], other[1:]))
    with pytest.raises(UnreadableSubjectError, match="reads edits"):
        distance(chosen, Picture(one))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", BUILDERS)
def test_pictures_that_need_too_much_memory_are_refused(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert lpips_network.MOST[name] >= 3840 * 2160
    monkeypatch.setitem(lpips_network.MOST, name, 48 * 64)
    chosen = instrument(weights[name], name)
    [found] = distance(chosen, Change(picture(1), picture(2)))
    assert found > 0
    with pytest.raises(UnreadableSubjectError, match=r"at most 3,072 pixels .* found 64×49"):
        distance(chosen, Change(picture(1), picture(2, 49)))


@pytest.mark.parametrize("name", BUILDERS)
def test_pictures_are_looked_at_one_by_one(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    together: list[int] = []
    run = torch.nn.Conv2d.forward

    def noted(layer: torch.nn.Conv2d, given: torch.Tensor) -> torch.Tensor:
        together.append(len(given))
        return run(layer, given)

    monkeypatch.setattr(torch.nn.Conv2d, "forward", noted)
    distance(instrument(weights[name], name), Change(picture(1), picture(2)))
    assert {*together} == {1}


def test_the_heads_belong_to_the_identity_and_other_bytes_are_refused(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ENTRY.resolve(instrument(weights["alex"]))
    assert found.adapters[1].revision == f"sha256:{lpips.HEADS['alex']}"
    assert found.revision not in {one.revision for one in found.adapters}
    assert ENTRY.resolve(instrument(weights["alex"], "vgg")).revision != found.revision
    monkeypatch.setitem(lpips.HEADS, "alex", "0" * 64)
    with pytest.raises(UntrustedWeightsError, match="Install torchmetrics again"):
        ENTRY.resolve(instrument(weights["alex"]))


def test_other_weights_and_options_are_refused(weights: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match="holds another network"):
        distance(instrument(weights["vgg"], "alex"))
    with pytest.raises(BadInputError, match="alex, vgg"):
        ENTRY.resolve(instrument(weights["alex"], "squeeze"))
    with pytest.raises(UnknownNameError, match="networks"):
        ENTRY.resolve(Instrument("x", "lpips", "./x", options={"networks": "alex"}))
    with pytest.raises(BadInputError, match=r"alexnet-owt-7be5be79\.pth"):
        ENTRY.resolve(load_instrument("lpips-alex"))
    nan = {k: torch.full_like(v, torch.nan) for k, v in load_file(weights["alex"]).items()}
    save_file(nan, tmp_path / "nan.safetensors")
    with pytest.raises(UnreadableSubjectError, match="NaN"):
        distance(instrument(tmp_path / "nan.safetensors"), Change(picture(1), picture(2)))
