from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Picture
from evalharness.extractors.csd import ENTRY
from evalharness.extractors.csd_network import CsdExtractor, build_trunk
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.published import write_csd


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_csd(tmp_path / "csd" / "model.safetensors").parent


def look(source: Path, subjects: list[Picture]) -> list[FeatureValue]:
    instrument = Instrument("tiny", "csd", str(source))
    with CsdExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return list(extractor.extract(subjects))


def some(count: int = 3) -> list[Picture]:
    rng = np.random.default_rng(0)
    sizes = [(28, 28), (1, 1), (90, 40)]
    return [Picture(rng.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes[:count]]


def test_vectors_are_the_style_projection_of_openais_trunk(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    vision = {"image_size": 28, "patch_size": 14, "width": 128, "layers": 2, "head_width": 64}
    text = {"vocab_size": 9, "width": 16, "heads": 2, "layers": 1, "context_length": 4}
    clip = open_clip.CLIP(24, vision, text, quick_gelu=True).eval()
    own = {k.removeprefix("backbone."): v for k, v in state.items() if k.startswith("backbone.")}
    clip.visual.load_state_dict({**own, "proj": state["last_layer_style"]})
    transform = open_clip.image_transform(28, is_train=False)
    batch = torch.stack([transform(Image.fromarray(p.pixels)) for p in some()])
    with torch.no_grad():
        expected = clip.encode_image(batch, normalize=True).numpy()
    vectors = np.stack([v.vector for v in look(folder, some())])
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_file_or_its_folder_give_the_same(folder: Path) -> None:
    [one], [other] = look(folder, some(1)), look(folder / "model.safetensors", some(1))
    np.testing.assert_array_equal(one.vector, other.vector)


def test_the_published_size_is_read_off_the_weights() -> None:
    width, path = 1024, Path("x")
    with torch.device("meta"):
        vit = open_clip.transformer.VisionTransformer(224, 14, width, 2, 16, 4.0)
        state = {f"backbone.{k}": v for k, v in vit.state_dict().items() if k != "proj"}
        state["last_layer_style"] = torch.empty(width, 768)
        trunk = build_trunk(state, path)
    assert trunk.image_size == (224, 224)
    assert trunk.transformer.resblocks[0].attn.num_heads == 16


def test_other_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    path = folder / "model.safetensors"
    state = load_file(path)
    save_file({k: v for k, v in state.items() if k != "last_layer_style"}, path)
    with pytest.raises(BadInputError, match="does not hold CSD's weights"):
        look(folder, [])
    nan = {k: torch.full_like(v, torch.nan) for k, v in state.items()}
    save_file(nan, path)
    with pytest.raises(UnreadableSubjectError, match="NaN"):
        look(folder, some(1))
    path.write_bytes(b"cut")
    with pytest.raises(BadInputError, match="cut short"):
        look(folder, [])
    path.rename(folder / "other.safetensors")
    with pytest.raises(MissingWeightsError, match=r"no file matches model\.safetensors"):
        look(folder, [])
    with pytest.raises(BadInputError, match="no source"):
        ENTRY.resolve(Instrument("csd", "csd"))
