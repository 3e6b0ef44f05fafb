from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from evalharness.catalog.digests import file_digest
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Pair, Picture
from evalharness.extractors.convert_checkpoint import main as convert
from evalharness.extractors.laion_aesthetic import ENTRY
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.judges import head_state, look, picture, scalars


class Published(nn.Module):
    """The published head, as its authors train it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(16, 24),
            nn.Dropout(0.2),
            nn.Linear(24, 12),
            nn.Dropout(0.2),
            nn.Linear(12, 8),
            nn.Dropout(0.1),
            nn.Linear(8, 4),
            nn.Linear(4, 1),
        )

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        return self.layers(vectors)


def tiny(head: Path, tower: Path, **fields: object) -> Instrument:
    return Instrument("tiny", "laion_aesthetic", str(head), options={"tower": str(tower)}, **fields)


def vectors(tower: Path, pictures: list[np.ndarray]) -> torch.Tensor:
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{tower}")
    with torch.no_grad():
        found = model.eval().encode_image(
            torch.stack([transform(Image.fromarray(p)) for p in pictures])
        )
    return found / found.norm(dim=1, keepdim=True)


PICTURES = [picture(40, 64, 1), picture(32, 32, 2), picture(1, 1, 3)]


def test_version_2_equals_its_published_module(clip_folder: Path, tmp_path: Path) -> None:
    state, file = head_state(16), tmp_path / "head.pth"
    torch.save(state, file)
    head = Published().eval()
    head.load_state_dict(state)
    with torch.no_grad():
        expected = head(vectors(clip_folder, PICTURES)).flatten()
    asked = [Picture(p) for p in PICTURES]
    pinned = tiny(file, clip_folder, sha256=file_digest(file))
    np.testing.assert_allclose(scalars(look(pinned, asked)), expected, atol=1e-6)
    assert expected.std() > 1e-4


def test_version_1_is_one_layer_and_converted_by_the_command(
    clip_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(2)
    head = nn.Linear(16, 1)
    torch.save(head.state_dict(), tmp_path / "v1.pth")
    convert([str(tmp_path / "v1.pth"), str(tmp_path / "v1.safetensors")])
    assert file_digest(tmp_path / "v1.pth") in capsys.readouterr().out
    with torch.no_grad():
        expected = head(vectors(clip_folder, PICTURES)).flatten()
    found = look(tiny(tmp_path / "v1.safetensors", clip_folder), [Picture(p) for p in PICTURES])
    np.testing.assert_allclose(scalars(found), expected, atol=1e-6)


def test_its_identity_is_that_of_head_and_tower(
    clip_folder: Path, tmp_path: Path, clip_state: dict
) -> None:
    for name, scale in (("one", 1.0), ("other", 2.0)):
        save_file(
            {n: v * scale for n, v in head_state(16).items()}, tmp_path / f"{name}.safetensors"
        )
    one, other = (
        ENTRY.resolve(tiny(tmp_path / f"{name}.safetensors", clip_folder)).revision
        for name in ("one", "other")
    )
    assert one != other
    save_file(
        {**clip_state, "visual.proj": clip_state["visual.proj"] * 2},
        clip_folder / "open_clip_model.safetensors",
    )
    again = ENTRY.resolve(tiny(tmp_path / "one.safetensors", clip_folder)).revision
    assert again not in (one, other)


def test_heads_that_do_not_fit_are_refused(clip_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "head.safetensors"
    for state, message in (
        (head_state(17), r"has \(24, 17\) after 16"),
        ({"layers.0.weight": torch.zeros(3, 16)}, "lacks 'layers.0.bias'"),
        ({"weight": torch.zeros(3, 16), "bias": torch.zeros(3)}, "ends in 3 values"),
        ({"something": torch.zeros(1)}, "lacks 'weight'"),
    ):
        save_file(state, file)
        with pytest.raises(MissingWeightsError, match=message):
            look(tiny(file, clip_folder), [])
    with pytest.raises(BadInputError, match="no weights that can be fetched"):
        ENTRY.resolve(Instrument("v1", "laion_aesthetic"))


def test_nan_and_pairs_are_refused(clip_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "head.safetensors"
    save_file({"weight": torch.full((1, 16), torch.nan), "bias": torch.zeros(1)}, file)
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity"):
        look(tiny(file, clip_folder), [Picture(PICTURES[0])])
    with pytest.raises(UnreadableSubjectError, match="reads pictures"):
        look(tiny(file, clip_folder), [Pair(PICTURES[0], "a cube")])
