"""Networks in one file, alone or over another network: what the Hub is asked for."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from huggingface_hub import HfApi, constants

from evalharness.catalog import hub_snapshot, registry
from evalharness.catalog.digests import file_digest
from evalharness.core.errors import UntrustedWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Pair, Picture
from tests.extractors.judges import (
    TINY,
    bert_words,
    head_state,
    image_reward_parts,
    look,
    picture,
    scalars,
    tiny_open_clip,
)

COMMITS = {"org/network": "ab" * 20, "org/parts": "cd" * 20}
PIXELS = picture(40, 64, 1)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Hub that holds the folders under the path given, and knows one commit of each."""
    held = tmp_path / "held"

    def model_info(_api: HfApi, repository: str, **_asked: object) -> SimpleNamespace:
        files = [p for p in (held / repository).iterdir() if p.is_file()]
        siblings = [SimpleNamespace(rfilename=p.name, size=p.stat().st_size) for p in files]
        return SimpleNamespace(sha=COMMITS[repository], siblings=siblings)

    def snapshot_download(repository: str, *, revision: str, **_asked: object) -> str:
        assert revision == COMMITS[repository]
        return str(held / repository)

    monkeypatch.setattr(HfApi, "model_info", model_info)
    monkeypatch.setattr(hub_snapshot, "snapshot_download", snapshot_download)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "empty"))
    (held / "org" / "network").mkdir(parents=True)
    return held / "org"


def pickled(hub: Path, state: dict[str, torch.Tensor]) -> str:
    torch.save(state, hub / "network" / "it.pt")
    return file_digest(hub / "network" / "it.pt")


def alike(here: Instrument, there: Instrument, asked: list[Pair] | list[Picture]) -> None:
    """The same values from the Hub, once downloaded, as from a local file."""
    found = registry.extractor(there.extractor).resolve(there)
    assert found.location is None
    assert found.download_bytes
    np.testing.assert_array_equal(scalars(look(there, asked)), scalars(look(here, asked)))


def test_a_pinned_file_is_downloaded_by_its_commit(hub: Path, tmp_path: Path) -> None:
    pin = pickled(hub, tiny_open_clip(tmp_path).state_dict())
    options = {"architecture": TINY}
    here, there = (
        Instrument("tiny", "hps", source, options=options, sha256=pin)
        for source in (str(hub / "network" / "it.pt"), "hf-hub:org/network/it.pt")
    )
    entry = registry.extractor("hps")
    assert entry.resolve(there).revision == entry.resolve(here).revision == f"sha256:{pin}"
    alike(here, there, [Pair(PIXELS, "a red cube")])


def test_image_reward_is_downloaded_with_its_tokenizer(hub: Path) -> None:
    pin = pickled(hub, image_reward_parts()[2])
    bert_words(hub / "parts")
    here, there = (
        Instrument("tiny", "image_reward", source, options={"tokenizer": words}, sha256=pin)
        for source, words in (
            (str(hub / "network" / "it.pt"), str(hub / "parts")),
            ("hf-hub:org/network/it.pt", "hf-hub:org/parts"),
        )
    )
    alike(here, there, [Pair(PIXELS, "a red cube")])


def test_an_aesthetic_head_is_downloaded_with_its_tower(hub: Path, clip_folder: Path) -> None:
    pin = pickled(hub, head_state(16))
    clip_folder.rename(hub / "parts")
    here, there = (
        Instrument("tiny", "laion_aesthetic", source, options={"tower": tower}, sha256=pin)
        for source, tower in (
            (str(hub / "network" / "it.pt"), str(hub / "parts")),
            ("hf-hub:org/network/it.pt", "hf-hub:org/parts"),
        )
    )
    alike(here, there, [Picture(PIXELS)])


def test_other_bytes_than_the_pinned_ones_are_never_read(hub: Path) -> None:
    pickled(hub, head_state(16))
    options = {"architecture": TINY}
    there = Instrument("x", "hps", "hf-hub:org/network/it.pt", options=options, sha256="0" * 64)
    with pytest.raises(UntrustedWeightsError, match="expected the published"):
        look(there, [Pair(PIXELS, "a red cube")])
