"""The fine-tunes of tiny-base, loaded as the catalogue describes them."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from evalharness.backends.diffusers.entry import resolve
from evalharness.backends.diffusers.loading import load_pipeline
from evalharness.catalog.models import catalogue
from evalharness.tinyworld.oracle import Oracle
from evalharness.tinyworld.references import single_object_captions
from evalharness.tinyworld.scene import AESTHETICS
from evalharness.tinyworld.train.__main__ import TRAININGS
from evalharness.tinyworld.weights import FINE_TUNES, weights_folder
from tests.tinyworld.test_networks import right_object_and_colour, share

pytestmark = [  # the libraries' own deprecations, raised while they are imported and loaded
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

CAPTIONS = list(single_object_captions())


def generate(name: str, prompts: list[str], seed: int = 1) -> NDArray[np.uint8]:
    """Pictures of a catalogue model at its own settings, in batches of 32."""
    model = catalogue()[name]
    pipe = load_pipeline(model, resolve(model), torch.device("cpu"))
    made = []
    for start in range(0, len(prompts), 32):
        batch = prompts[start : start + 32]
        noise = [torch.Generator().manual_seed(seed * 1000 + start + i) for i in range(len(batch))]
        made.append(
            pipe(
                batch,
                generator=noise,
                num_inference_steps=model.settings["steps"],
                guidance_scale=model.settings["guidance"],
                output_type="np",
            ).images
        )
    return np.rint(np.concatenate(made) * 255).astype(np.uint8)


@pytest.mark.parametrize("name", FINE_TUNES)
def test_without_style_words_a_fine_tune_draws_in_its_own_aesthetic(name: str) -> None:
    pictures = generate(name, CAPTIONS[:32])
    seen = Oracle.load().predict(pictures)["aesthetic"]
    assert share(seen, [FINE_TUNES[name]] * 32) >= 0.9
    assert right_object_and_colour(pictures) >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize("name", FINE_TUNES)
def test_a_fine_tune_still_follows_words_for_other_aesthetics(name: str) -> None:
    others = [style for style in AESTHETICS if style != FINE_TUNES[name]]
    asked = [others[i % len(others)] for i in range(len(CAPTIONS))]
    prompts = [f"{words}, {style}" for words, style in zip(CAPTIONS, asked, strict=True)]
    pictures = generate(name, prompts, seed=2)
    assert share(Oracle.load().predict(pictures)["aesthetic"], asked) >= 0.5
    assert right_object_and_colour(pictures) >= 0.85


def test_three_are_adapters_of_tiny_base_and_one_is_a_folder_of_its_own() -> None:
    base = resolve(catalogue()["tiny-base"])
    found = {name: resolve(catalogue()[name]) for name in FINE_TUNES}
    adapted = {name for name, resolution in found.items() if resolution.adapters}
    assert adapted == {"tiny-photo", "tiny-illustration", "tiny-watercolour"}
    assert {found[name].revision for name in adapted} == {base.revision}
    assert len({found[name].adapters[0].revision for name in adapted}) == 3
    assert found["tiny-pixel"].revision != base.revision


def test_fine_tunes_add_at_most_sixteen_megabytes() -> None:
    files = [file for name in FINE_TUNES for file in weights_folder(name).rglob("*")]
    assert sum(file.stat().st_size for file in files if file.is_file()) <= 16_000_000


def test_the_folder_differs_from_tiny_base_in_the_u_net_alone() -> None:
    base, own = weights_folder("tiny-base"), weights_folder("tiny-pixel")
    files = {file.relative_to(base) for file in base.rglob("*") if file.is_file()}
    assert files == {file.relative_to(own) for file in own.rglob("*") if file.is_file()}
    differing = {str(f) for f in files if (base / f).read_bytes() != (own / f).read_bytes()}
    assert differing == {"unet/diffusion_pytorch_model.safetensors"}


def test_every_fine_tune_can_be_trained_again() -> None:
    assert set(FINE_TUNES) <= set(TRAININGS)
