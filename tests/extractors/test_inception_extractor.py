import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from evalharness.catalog.digests import file_digest
from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import Picture, Text
from evalharness.extractors import inception, inception_network
from evalharness.extractors.checkpoint_file import read_state
from evalharness.extractors.inception_network import InceptionExtractor
from evalharness.extractors.subjects import UnreadableSubjectError


def instrument(source: object = "") -> Instrument:
    return Instrument("inception", "inception", str(source))


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    checkpoints = tmp_path / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    return checkpoints


def assert_names_all_places(message: str, home: Path) -> None:
    assert "(1) the instrument's source" in message
    assert f"(2) the cache: {home}" in message
    assert "(3) the network: https://github.com/toshas/torch-fidelity" in message


def test_pictures_of_many_sizes_keep_their_order(fid_weights: Path) -> None:
    rng = np.random.default_rng(1)
    sizes = [(8, 8), (1, 1), (8, 8)]
    pictures = [Picture(rng.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes]
    chosen = instrument(fid_weights)
    with InceptionExtractor(chosen, inception.resolve(chosen)) as extractor:
        together = extractor.extract(pictures)
        alone = [extractor.extract([p])[0] for p in pictures]
        with pytest.raises(UnreadableSubjectError, match="reads pictures"):
            extractor.extract([Text("a")])
        assert list(extractor.extract([])) == []
    for value, single in zip(together, alone, strict=True):
        assert value.vector.shape == (2048,)
        assert value.vector.dtype == np.float32
        np.testing.assert_allclose(value.vector, single.vector, rtol=1e-4, atol=1e-5)


def test_own_weights_are_safetensors(fid_weights: Path, tmp_path: Path) -> None:
    found = inception.resolve(instrument(fid_weights))
    assert found == Resolution(f"sha256:{file_digest(fid_weights)}", str(fid_weights))
    with pytest.raises(UntrustedWeightsError, match="not the published file's"):
        inception.resolve(instrument(fid_weights.with_suffix(".pth")))


def test_nothing_anywhere_names_all_three_places(
    torch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingWeightsError) as at_source:
        inception.resolve(instrument(tmp_path / "none.pth"))
    assert_names_all_places(str(at_source.value), torch_home)
    assert "none.pth" in str(at_source.value)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingWeightsError) as offline:
        inception.resolve(instrument())
    assert_names_all_places(str(offline.value), torch_home)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    to_fetch = inception.resolve(instrument())
    assert to_fetch == Resolution(f"sha256:{inception.SHA256}", None, 95_628_359)
    monkeypatch.setattr(inception_network, "URL", (tmp_path / "gone.pth").as_uri())
    with (
        pytest.raises(MissingWeightsError) as in_child,
        InceptionExtractor(instrument(), to_fetch),
    ):
        pass
    assert_names_all_places(str(in_child.value), torch_home)


def test_the_published_file_is_fetched_once_and_found_in_the_cache(
    fid_weights: Path, torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = fid_weights.with_suffix(".pth")
    for module in (inception, inception_network):
        monkeypatch.setattr(module, "SHA256", file_digest(published))
    monkeypatch.setattr(inception_network, "URL", published.as_uri())
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    damaged = torch_home / inception.NAMES[0]
    damaged.write_bytes(b"half of it")
    assert inception.resolve(instrument()).location is None
    with InceptionExtractor(instrument(), inception.resolve(instrument())) as extractor:
        value = extractor.extract([Picture(np.zeros((4, 4, 3), np.uint8))])[0]
    assert value.vector.shape == (2048,)
    assert inception.resolve(instrument()).location == str(damaged)
    assert inception.resolve(instrument(published)).location == str(published)


def test_a_download_with_other_bytes_is_refused(
    fid_weights: Path, torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inception_network, "URL", fid_weights.with_suffix(".pth").as_uri())
    to_fetch = Resolution(f"sha256:{inception.SHA256}", None)
    with (
        pytest.raises(MissingWeightsError, match="invalid hash value"),
        InceptionExtractor(instrument(), to_fetch),
    ):
        pass
    assert not list(torch_home.iterdir())


class Attack:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.target),)


def test_pickled_code_never_runs(tmp_path: Path) -> None:
    torch.save({"fc.weight": Attack(tmp_path / "hacked")}, tmp_path / "weights.pth")
    with pytest.raises(BadInputError, match="cannot be read as weights"):
        read_state(tmp_path / "weights.pth")
    assert not (tmp_path / "hacked").exists()


def test_weights_of_another_network_and_cut_files_are_refused(
    tmp_path: Path, fid_weights: Path
) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, other)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(fid_weights.read_bytes()[:1000])
    for path, message in ((other, "does not hold the weights"), (cut, "cut short")):
        chosen = instrument(path)
        with (
            pytest.raises(BadInputError, match=message),
            InceptionExtractor(chosen, inception.resolve(chosen)),
        ):
            pass
