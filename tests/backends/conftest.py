from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    PixArtAlphaPipeline,
    PixArtTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from evalharness.core.nouns import Job, Model, Prompt

CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"


def clip_tokenizer() -> CLIPTokenizer:
    tokens = ["<|startoftext|>", "<|endoftext|>"]
    tokens += [*CHARACTERS, *(c + "</w>" for c in CHARACTERS)]
    return CLIPTokenizer({t: i for i, t in enumerate(tokens)}, [], model_max_length=77)


def clip_text(projection: bool = False) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=2 + 2 * len(CHARACTERS),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=16,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return CLIPTextModelWithProjection(config) if projection else CLIPTextModel(config)


def t5() -> tuple[T5EncoderModel, T5Tokenizer]:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(c, -3.0) for c in CHARACTERS]
    config = T5Config(
        vocab_size=len(pieces), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2
    )
    return T5EncoderModel(config), T5Tokenizer(pieces, extra_ids=0, model_max_length=512)


def vae(channels: int = 4, **more: object) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=channels,
        norm_num_groups=4,
        sample_size=32,
        **more,
    )


def unet(context: int, **more: object) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=context,
        attention_head_dim=2,
        norm_num_groups=4,
        **more,
    )


def ddim() -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def stable_diffusion() -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        vae(),
        clip_text(),
        clip_tokenizer(),
        unet(16),
        ddim(),
        None,
        None,
        requires_safety_checker=False,
    )


def stable_diffusion_xl() -> StableDiffusionXLPipeline:
    added = unet(
        32,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=16 + 6 * 8,
    )
    encoders = clip_text(), clip_text(projection=True)
    return StableDiffusionXLPipeline(
        vae(), *encoders, clip_tokenizer(), clip_tokenizer(), added, ddim(), add_watermarker=False
    )


def stable_diffusion_3() -> StableDiffusion3Pipeline:
    transformer = SD3Transformer2DModel(
        sample_size=16,
        patch_size=1,
        in_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=32,
        caption_projection_dim=16,
        pooled_projection_dim=32,
        out_channels=4,
    )
    encoder, tokenizer = t5_wide()
    return StableDiffusion3Pipeline(
        transformer,
        FlowMatchEulerDiscreteScheduler(),
        vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06),
        clip_text(projection=True),
        clip_tokenizer(),
        clip_text(projection=True),
        clip_tokenizer(),
        encoder,
        tokenizer,
    )


def t5_wide() -> tuple[T5EncoderModel, T5Tokenizer]:
    _, tokenizer = t5()
    config = T5Config(vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=32, num_layers=1)
    config.num_heads = 2
    return T5EncoderModel(config), tokenizer


def flux() -> FluxPipeline:
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        pooled_projection_dim=16,
        axes_dims_rope=(4, 4, 8),
    )
    encoder, tokenizer = t5()
    return FluxPipeline(
        FlowMatchEulerDiscreteScheduler(),
        vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06),
        clip_text(),
        clip_tokenizer(),
        encoder,
        tokenizer,
        transformer,
    )


def pixart() -> PixArtAlphaPipeline:
    transformer = PixArtTransformer2DModel(
        sample_size=8,
        num_layers=1,
        patch_size=2,
        attention_head_dim=8,
        num_attention_heads=2,
        caption_channels=16,
        in_channels=4,
        cross_attention_dim=16,
        out_channels=8,
        norm_num_groups=4,
        use_additional_conditions=False,
    )
    encoder, tokenizer = t5()
    return PixArtAlphaPipeline(tokenizer, encoder, vae(), transformer, ddim())


PIPELINES: dict[str, Callable[[], object]] = {
    "sd1": stable_diffusion,
    "sdxl": stable_diffusion_xl,
    "sd3": stable_diffusion_3,
    "flux": flux,
    "pixart": pixart,
}


LIBRARY_WARNINGS = (
    # diffusers' kolors, imported by its AutoPipeline, scripts a function with torch.jit
    "ignore:`torch.jit.script` is deprecated:FutureWarning",
    # diffusers' Euler schedulers turn a tensor into an array the old way
    r"ignore:__array__ implementation doesn't accept:DeprecationWarning:diffusers\.schedulers\..*",
    # peft, when a second adapter is loaded, which is what adapters in the plural ask for
    r"ignore:Already found a `peft_config` attribute:UserWarning:peft\.tuners\.tuners_utils",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for known in LIBRARY_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(known))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVALHARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # tiny tensors: a second thread only waits
    gc.freeze()  # else every release walks through all that torch imported
    yield
    gc.unfreeze()
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            torch.manual_seed(0)
            made[name] = tmp_path_factory.mktemp("tiny") / name
            PIPELINES[name]().save_pretrained(made[name])
        return made[name]

    return folder


@pytest.fixture
def model() -> Callable[..., Model]:
    def make(source: object, **more: object) -> Model:
        given = {"options": {"dtype": "float32"}, "placement": {"device": "cpu"}, **more}
        return Model(name="tiny", backend="diffusers", source=str(source), **given)

    return make


@pytest.fixture
def job() -> Callable[..., Job]:
    def make(
        seed: int = 0, text: str = "a red cube", negative: str | None = None, **settings: object
    ) -> Job:
        chosen: dict[str, object] = {
            "steps": 2,
            "guidance": 3.0,
            "width": 16,
            "height": 16,
            **settings,
        }
        key = f"{text}/{seed}/{sorted(chosen.items())}/{negative}"
        prompt = Prompt(id=text, text=text)
        return Job(key, "tiny", prompt, text, negative, seed, chosen)

    return make
