"""What our backend costs beside a bare loop of batched `generate` over the same model."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from evalharness.catalog import registry
from evalharness.core.contracts import Backend
from evalharness.core.nouns import Job, Model, Prompt
from tests.backends.transformers import writers
from tests.benchmarks.report import Figure

PROMPTS, BATCH, NEW, ROUNDS = 48, 8, 48, 5
WORDS = "a word of some letters " * 2
"""Equally long prompts: sorting by length must not win anything here."""


def measure() -> list[Figure]:
    """Interleaved rounds, greedy and drawn; the ratio of the fastest rounds."""
    with tempfile.TemporaryDirectory() as name:
        write_llama(Path(name), hidden_size=256, intermediate_size=768, num_hidden_layers=4)
        return compare(name, "cpu", "a random Llama of 12 M parameters on the CPU, fp32")


def compare(folder: str, device: str, how: str) -> list[Figure]:
    """The model in `folder` through our backend and through a bare loop, on one device."""
    bare = AutoModelForCausalLM.from_pretrained(folder, dtype="auto").eval().to(device)
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    with opened(folder, device, BATCH) as backend:
        return [
            _figure(backend, bare, tokenizer, "greedy", {"temperature": 0}, how),
            _figure(backend, bare, tokenizer, "drawn", {"temperature": 0.8, "top_p": 0.95}, how),
        ]


def opened(folder: str, device: str, batch: int) -> Backend:
    """Our backend for the model in `folder`, to be used in a `with` block."""
    entry = registry.backend("transformers")
    placement = {"batch_size": batch, "device": device}
    model = entry.settle(Model("it", "transformers", folder, modality="text", placement=placement))
    backend: Backend = registry.load(entry.implementation)(model, entry.resolve(model))
    return backend


def _figure(
    backend: Backend, bare: Any, tokenizer: Any, told: str, settings: dict[str, Any], how: str
) -> Figure:
    _ours(backend, settings), _bare(bare, tokenizer, settings)
    rounds = [(_bare(bare, tokenizer, settings), _ours(backend, settings)) for _ in range(ROUNDS)]
    ratio = min(theirs for theirs, _ in rounds) / min(ours for _, ours in rounds)
    listed = ", ".join(f"{ours:.1f}/{theirs:.1f}" for theirs, ours in rounds)
    return Figure(
        what=f"{PROMPTS} answers of {NEW} tokens in batches of {BATCH}, {told}: throughput of our "
        "backend ÷ a bare `generate` loop",
        asked="≥ 0.95 ×",
        reached=f"{ratio:.3f} ×",
        ok=ratio >= 0.95,
        how=f"{how}; {ROUNDS} interleaved rounds, fastest ÷ fastest; seconds: {listed}",
    )


def _texts() -> list[str]:
    return [f"{WORDS}{n:03d}" for n in range(PROMPTS)]


def _ours(backend: Backend, settings: dict[str, Any]) -> float:
    settings = {"max_new_tokens": NEW, "min_new_tokens": NEW, **settings}
    jobs = [Job(t, "it", Prompt(t, t), t, None, 0, settings) for t in _texts()]
    started = time.perf_counter()
    answers = list(backend.generate(jobs))
    seconds = time.perf_counter() - started
    assert len(answers) == PROMPTS
    return seconds


@torch.inference_mode()
def _bare(model: Any, tokenizer: Any, settings: dict[str, Any]) -> float:
    drawn = settings["temperature"] > 0
    options = {**settings, "do_sample": True, "top_k": 0} if drawn else {"do_sample": False}
    texts = _texts()
    started = time.perf_counter()
    for start in range(0, PROMPTS, BATCH):
        batch = texts[start : start + BATCH]
        inputs = tokenizer(batch, padding=True, return_tensors="pt", return_token_type_ids=False)
        inputs = inputs.to(model.device)
        given = model.generate(**inputs, max_new_tokens=NEW, min_new_tokens=NEW, **options)
        tokenizer.batch_decode(given[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return time.perf_counter() - started


def write_llama(folder: Path, dtype: torch.dtype = torch.float32, **sizes: int) -> None:
    """A random Llama of this size, made where torch makes tensors."""
    torch.manual_seed(0)
    tokenizer = writers.letters()
    config = LlamaConfig(
        vocab_size=16_000,
        num_attention_heads=8 if sizes["hidden_size"] < 1024 else 32,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        max_position_embeddings=512,
        **sizes,
    )
    LlamaForCausalLM(config).to(dtype).save_pretrained(folder)
    tokenizer.model_max_length = 512
    tokenizer.save_pretrained(folder)
