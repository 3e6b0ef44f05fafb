"""What only a GPU shows: half precision, full-size networks, too little memory, memory given back.

Random weights of published sizes: their answers mean nothing, their cost is that of the real ones.
Not among those that `make bench` runs: `python -m tests.benchmarks gpu` where a GPU is.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from evalharness.catalog import registry
from evalharness.core.contracts import Backend
from evalharness.core.nouns import Job, Model, Prompt
from evalharness.core.outcomes import Answer, Status
from tests.benchmarks import writing
from tests.benchmarks.gpu_networks import sdxl
from tests.benchmarks.report import Figure

GIB = 2**30
ROUNDS, PICTURES, STEPS, SIDE = 3, 8, 20, 1024
LLAMA = {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16}
"""The sizes of Llama 3.2 1B, but for its words."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the networks are: those of a GPU, or ones that try this file on a CPU."""

    device: str = "cuda"
    side: int = SIDE
    steps: int = STEPS
    llama: tuple[tuple[str, int], ...] = tuple(LLAMA.items())
    tiny: bool = False


def measure(scale: Scale | None = None) -> list[Figure]:
    """Text, pictures, and what is left when their networks are gone."""
    scale = scale or Scale()
    before = used_elsewhere()
    figures = [*_text(scale), *_pictures(scale)]
    torch.cuda.empty_cache()
    return [*figures, *_left(before)]


def _text(scale: Scale) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        with torch.device(scale.device):
            writing.write_llama(Path(name), torch.bfloat16, **dict(scale.llama))
        how = f"a random Llama of {_size(name)} in bfloat16 on {_device()}"
        return [
            *writing.compare(name, scale.device, how),
            _batch_mates(name, scale, how),
            _tight(
                "answers of 64 tokens asked for in batches of 512",
                lambda size: writing.opened(name, scale.device, size),
                [_job(f"{n} " * 40, n, {"max_new_tokens": 64}) for n in range(512)],
                512,
                how,
            ),
        ]


def _batch_mates(folder: str, scale: Scale, how: str) -> Figure:
    """How many greedy answers differ between batches of 16 and of one: half precision rounds."""
    jobs = [_job(f"tell me of {n}", n, {"max_new_tokens": 32}) for n in range(32)]
    found = []
    for size in (16, 16, 1):
        with writing.opened(folder, scale.device, size) as backend:
            found.append({a.job_key: _text_of(a) for a in backend.generate(jobs)})
    again, alone = (sum(found[0][k] != one[k] for k in found[0]) for one in found[1:])
    return Figure(
        what="greedy answers in bfloat16 that differ when asked again in the same batches / alone",
        asked="0 / told",
        reached=f"{again} / {alone} of {len(jobs)}",
        ok=again == 0,
        how=f"{how}; random logits lie closer together than a trained model's",
    )


def _text_of(answer: Answer) -> str:
    return "".join(getattr(medium, "text", "") for medium in answer.media)


def _pictures(scale: Scale) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        with torch.device(scale.device):
            sdxl(tiny=scale.tiny).to(torch.bfloat16).save_pretrained(name)
        how = f"random SDXL of {_size(name)} in bfloat16 on {_device()}, {scale.side}²"
        settings = {
            "steps": scale.steps,
            "guidance": 5.0,
            "width": scale.side,
            "height": scale.side,
        }
        jobs = [_job(f"a red ball {n}", n, settings) for n in range(PICTURES)]
        return [
            _beside_the_bare_pipeline(name, scale, jobs, how),
            _tight(
                "pictures asked for in batches of 16",
                lambda size: _opened(name, scale.device, size),
                [_job(f"a ball {n}", n, {**settings, "steps": 2}) for n in range(16)],
                16,
                how,
            ),
        ]


def _beside_the_bare_pipeline(folder: str, scale: Scale, jobs: Sequence[Job], how: str) -> Figure:
    from diffusers import AutoPipelineForText2Image

    bare = AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.bfloat16)
    bare.to(scale.device).set_progress_bar_config(disable=True)
    with _opened(folder, scale.device, 4) as backend:
        rounds = []
        for n in range(ROUNDS + 1):  # the first warms up
            theirs, pixels = _bare(bare, jobs[:4] if n == 0 else jobs)
            ours, answers = _ours(backend, jobs[:4] if n == 0 else jobs)
            rounds.append((theirs, ours))
        peak = max(a.peak_memory_bytes or 0 for a in answers) / GIB
        joules = [a.energy_j for a in answers if a.energy_j is not None]
    same = sum(
        bool((getattr(a.media[0], "pixels", None) == pixels[a.job_key]).all())
        for a in answers
        if a.status is Status.OK
    )
    ratio = min(t for t, _ in rounds[1:]) / min(o for _, o in rounds[1:])
    listed = ", ".join(f"{o:.1f}/{t:.1f}" for t, o in rounds[1:])
    energy = f"{sum(joules) / len(joules):.0f} J a picture" if joules else "energy not read"
    return Figure(
        what=f"{len(jobs)} pictures in batches of 4: ours ÷ bare `pipe(batch)`",
        asked="≥ 0.95 ×",
        reached=f"{ratio:.3f} × ({len(jobs) / min(o for _, o in rounds[1:]):.2f} pictures/s)",
        ok=ratio >= 0.95 and same == len(jobs),
        how=f"{how}, {jobs[0].settings['steps']} steps with guidance; {ROUNDS} interleaved rounds, "
        f"fastest ÷ fastest, seconds: {listed}; "
        f"{same} of {len(jobs)} pictures equal to the bare pipeline's to the bit; "
        f"peak {peak:.1f} GiB, {energy}",
    )


def _bare(pipe: Any, jobs: Sequence[Job]) -> tuple[float, dict[str, Any]]:
    started, pixels = time.perf_counter(), {}
    for start in range(0, len(jobs), 4):
        batch, settings = jobs[start : start + 4], dict(jobs[0].settings)
        given = pipe(
            [job.text for job in batch],
            num_inference_steps=settings["steps"],
            guidance_scale=settings["guidance"],
            width=settings["width"],
            height=settings["height"],
            generator=[torch.Generator("cpu").manual_seed(job.seed) for job in batch],
            output_type="np",
        )
        pixels |= {
            job.key: (image * 255).round().astype("uint8")
            for job, image in zip(batch, given.images, strict=True)
        }
    return time.perf_counter() - started, pixels


def _ours(backend: Backend, jobs: Sequence[Job]) -> tuple[float, list[Answer]]:
    started = time.perf_counter()
    answers = list(backend.generate(jobs))
    return time.perf_counter() - started, answers


def _opened(folder: str, device: str, batch: int) -> Backend:
    entry = registry.backend("diffusers")
    placement = {"batch_size": batch, "device": device}
    model = Model("it", "diffusers", folder, placement=placement, options={"dtype": "bfloat16"})
    backend: Backend = registry.load(entry.implementation)(model, entry.resolve(model))
    return backend


def _tight(
    what: str, opened: Callable[[int], Backend], jobs: Sequence[Job], size: int, how: str
) -> Figure:
    """The same jobs on a device that is nearly full: all answered, in smaller batches."""
    with opened(size) as backend, nearly_full():
        answers = list(backend.generate(jobs))
    ok = sum(a.status is Status.OK for a in answers)
    sizes = sorted({a.batch_size for a in answers if a.batch_size})
    return Figure(
        what=f"{what} with 6 GiB of the device left: answered",
        asked="all, in smaller batches",
        reached=f"{ok} of {len(jobs)}, batches of {', '.join(map(str, sizes))}",
        ok=ok == len(jobs) and sizes[-1:] != [size],
        how=how,
    )


@contextmanager
def nearly_full() -> Iterator[None]:
    """Takes all of the device's free memory but 6 GiB."""
    if not torch.cuda.is_available():
        yield
        return
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info()
    ballast = torch.empty(max(0, free - 6 * GIB), dtype=torch.uint8, device="cuda")
    yield
    del ballast
    torch.cuda.empty_cache()


def _left(before: int) -> list[Figure]:
    held = torch.cuda.memory_allocated() if torch.cuda.is_available() else 0
    return [
        Figure(
            what="memory that closed backends still hold in their process",
            asked="≤ 64 MiB",
            reached=f"{held / 2**20:.0f} MiB",
            ok=held <= 64 * 2**20,
            how=f"torch's allocator after all of the above; {before / 2**20:.0f} MiB were used on "
            "the device before it",
        )
    ]


def used_elsewhere() -> int:
    """Bytes of the first GPU's memory in use, by anybody."""
    asked = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True)
    except OSError:
        return 0
    return int(done.stdout.split()[0]) * 2**20


def _job(text: str, n: int, settings: dict[str, Any]) -> Job:
    return Job(f"{n}", "it", Prompt(f"{n}", text), text, None, n, settings)


def _size(folder: str) -> str:
    return f"{sum(f.stat().st_size for f in Path(folder).rglob('*.safetensors')) / GIB:.1f} GiB"


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU"
