"""The committed weights do what they are for, loaded as anybody would load them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evalharness.tinyworld.references import (
    reference_scene,
    references,
    single_object_captions,
)
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS
from evalharness.tinyworld.weights import NETWORKS, weights_folder

pytestmark = [  # the libraries' own deprecations, raised while they are imported and loaded
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

HELD_OUT = 90_001  # a seed that no training used
STEPS, GUIDANCE = 15, 2.0
Names = list[str]


@pytest.fixture(scope="module")
def renders() -> tuple[NDArray[np.uint8], dict[str, Names]]:
    """512 balanced single-object renders, and what they show."""
    scenes = [reference_scene(index) for index in range(512)]
    truth = {
        "object": [str(s.thing.object) for s in scenes],
        "colour": [str(s.thing.colour) for s in scenes],
        "aesthetic": [str(s.aesthetic) for s in scenes],
    }
    return np.stack(list(references(512, HELD_OUT))), truth


def share(seen: Names, truth: Names) -> float:
    return float(np.mean([one == other for one, other in zip(seen, truth, strict=True)]))


def test_weights_are_small_and_safe() -> None:
    files = [file for name in NETWORKS for file in weights_folder(name).rglob("*")]
    sizes = {file: file.stat().st_size for file in files if file.is_file()}
    assert sum(sizes.values()) <= 32_000_000
    assert {file.suffix for file in sizes} <= {".safetensors", ".json", ".txt"}
    with pytest.raises(ValueError, match="tiny-bass"):
        weights_folder("tiny-bass")


def test_the_oracle_knows_held_out_renders(
    renders: tuple[NDArray[np.uint8], dict[str, Names]],
) -> None:
    from evalharness.tinyworld.oracle import Oracle

    pictures, truth = renders
    seen = Oracle.load().predict(pictures)
    for name, names in truth.items():
        assert share(seen[name], names) >= 0.99, name


def zero_shot(
    pictures: NDArray[np.uint8], questions: dict[str, dict[str, str]]
) -> dict[str, Names]:
    """The answer whose caption lies nearest, for every question and picture."""
    import open_clip
    import torch
    from PIL import Image

    location = f"local-dir:{weights_folder('tiny-clip')}"
    model, _, preprocess = open_clip.create_model_and_transforms(location)
    tokenizer = open_clip.get_tokenizer(location)
    model.eval()
    found: dict[str, Names] = {}
    with torch.inference_mode():
        batch = torch.stack([preprocess(Image.fromarray(p)) for p in pictures])
        images = model.encode_image(batch, normalize=True)
        for name, captions in questions.items():
            texts = model.encode_text(tokenizer(list(captions.values())), normalize=True)
            answers = list(captions)
            found[name] = [answers[int(i)] for i in (images @ texts.T).argmax(1)]
    assert images.shape[1] <= 64
    return found


def test_tiny_clip_recognises_held_out_renders_zero_shot(
    renders: tuple[NDArray[np.uint8], dict[str, Names]],
) -> None:
    pictures, truth = renders
    questions = {
        "object": {name: f"a {name}" for name in OBJECTS},
        "colour": {colour: f"a {colour} thing" for colour in COLOURS},
        "aesthetic": {style: f"a thing, {style}" for style in AESTHETICS},
    }
    seen = zero_shot(pictures, questions)
    assert share(seen["object"], truth["object"]) >= 0.95
    assert share(seen["colour"], truth["colour"]) >= 0.95
    assert share(seen["aesthetic"], truth["aesthetic"]) >= 0.97


def load_pipeline(folder: Path) -> Any:
    import torch
    from diffusers import AutoPipelineForText2Image

    pipeline = AutoPipelineForText2Image.from_pretrained(folder)
    modules = (pipeline.unet, pipeline.vae, pipeline.text_encoder)
    assert {module.dtype for module in modules} == {torch.float32}
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def generate(folder: Path, prompts: Names, seed: int = 1) -> NDArray[np.uint8]:
    import torch

    pipeline = load_pipeline(folder)
    made = []
    for start in range(0, len(prompts), 64):
        batch = prompts[start : start + 64]
        noise = [torch.Generator().manual_seed(seed * 1000 + start + i) for i in range(len(batch))]
        made.append(
            pipeline(
                batch,
                generator=noise,
                num_inference_steps=STEPS,
                guidance_scale=GUIDANCE,
                output_type="np",
            ).images
        )
    return np.rint(np.concatenate(made) * 255).astype(np.uint8)


def right_object_and_colour(pictures: NDArray[np.uint8]) -> float:
    """By the oracle, for pictures of the balanced captions in their order."""
    from evalharness.tinyworld.oracle import Oracle

    seen = Oracle.load().predict(pictures)
    wanted = [(name, colour) for name in OBJECTS for colour in COLOURS]
    got = zip(seen["object"], seen["colour"], strict=True)
    return float(np.mean([pair == wanted[i % len(wanted)] for i, pair in enumerate(got)]))


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_tiny_base_follows_its_prompts_and_the_undertrained_does_not(times: int) -> None:
    prompts = list(single_object_captions()) * times
    base = right_object_and_colour(generate(weights_folder("tiny-base"), prompts))
    early = right_object_and_colour(generate(weights_folder("tiny-undertrained"), prompts))
    assert base >= 0.85
    assert early <= base - 0.30


def test_tiny_base_follows_an_asked_aesthetic() -> None:
    from evalharness.tinyworld.oracle import Oracle

    asked = [AESTHETICS[i % 4] for i in range(32)]
    captions = [
        f"{caption}, {style}"
        for caption, style in zip(single_object_captions()[::2], asked, strict=True)
    ]
    pictures = generate(weights_folder("tiny-base"), captions)
    assert share(Oracle.load().predict(pictures)["aesthetic"], asked) >= 0.9
