"""FID from a folder as a user gets it, beside three peers with the same network."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import save_file
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from tests.benchmarks.fid_peers import PEERS
from tests.benchmarks.report import Figure
from tests.benchmarks.watched import Spent, spent

PICTURES = 1000
SIDE = 512
ROUNDS = 2
REFERENCES = 64


def measure() -> list[Figure]:
    """Interleaved rounds of whole processes; the least processor time of each counts."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        weights, statistics = _prepared(folder)
        commands = _commands(folder / "pictures", weights, statistics)
        rounds = [{name: spent(c) for name, c in commands.items()} for _ in range(ROUNDS)]
    load = os.getloadavg()[0]
    best = {name: _least([found[name] for found in rounds]) for name in commands}
    values = {name: _value(name, rounds[0][name].output) for name in commands}
    return [_speed(best, load), _equality(values)]


def _least(found: list[Spent]) -> tuple[float, float]:
    return min(one.wall_s for one in found), min(one.cpu_s for one in found)


def _speed(best: dict[str, tuple[float, float]], load: float) -> Figure:
    peers = {name: times for name, times in best.items() if name != "ours"}
    cpu = min(times[1] for times in peers.values()) / best["ours"][1]
    wall = min(times[0] for times in peers.values()) / best["ours"][0]
    told = "; ".join(f"{name} {w:.0f} s wall, {c:.0f} s CPU" for name, (w, c) in best.items())
    return Figure(
        f"FID of a folder of {PICTURES:,} PNGs of {SIDE}² against statistics, same random "
        "Inception weights: fastest peer ÷ `evalharness measure`",
        "≥ 2 ×",
        f"{cpu:.2f} × in CPU time, {wall:.2f} × in wall time",
        cpu >= 2.0,
        f"whole processes, 2 threads each, {ROUNDS} interleaved rounds, least of each; load "
        f"average {load:.1f}, so CPU time decides; {told}",
    )


def _equality(values: dict[str, float]) -> Figure:
    apart = {
        name: abs(values["ours"] / values[name] - 1) for name in ("torch-fidelity", "torchmetrics")
    }
    told = ", ".join(f"{name} {value:.6f}" for name, value in values.items())
    return Figure(
        "the same: relative difference from the peers of the same recipe",
        "≤ 1e-4",
        ", ".join(f"{name} {difference:.1e}" for name, difference in apart.items()),
        max(apart.values()) <= 1e-4,
        f"{told} (clean-fid resizes by another recipe)",
    )


def _commands(pictures: Path, weights: Path, statistics: Path) -> dict[str, list[str]]:
    ours = ["-m", "evalharness", "measure", f"fid[inception:{weights}]", str(pictures)]
    ours += ["--reference", f"npz:{statistics}", "--any-number"]
    state = str(weights.with_suffix(".pth"))
    peer = ["-m", "tests.benchmarks.fid_peers"]
    commands = {name: [*peer, name, str(pictures), state, str(statistics)] for name in PEERS}
    return {name: [sys.executable, *rest] for name, rest in {"ours": ours, **commands}.items()}


def _value(name: str, output: str) -> float:
    line = output.strip().splitlines()[3 if name == "ours" else -1]
    return float(line.split("│")[2] if name == "ours" else line)


def _prepared(folder: Path) -> tuple[Path, Path]:
    """Weights (safetensors, and a checkpoint beside them) and a reference's statistics."""
    (folder / "pictures").mkdir()
    rng = np.random.default_rng(0)
    for number in range(PICTURES):
        cv2.imwrite(str(folder / "pictures" / f"{number:05}.png"), _picture(rng, 3.0))
    network = _network()
    state = {k: v.contiguous() for k, v in network.state_dict().items()}
    torch.save(state, folder / "weights.pth")
    save_file(state, folder / "weights.safetensors")
    others = np.stack([_picture(rng, 9.0) for _ in range(REFERENCES)])
    with torch.inference_mode():
        batch = torch.from_numpy(others).permute(0, 3, 1, 2).contiguous()
        rows = network(batch)[0].double().numpy()
    sigma = np.cov(rows, rowvar=False)
    # full rank, as statistics of enough pictures have
    sigma += 0.05 * np.trace(sigma) / len(sigma) * np.eye(len(sigma))
    np.savez(folder / "statistics.npz", mu=rows.mean(axis=0), sigma=sigma)
    return folder / "weights.safetensors", folder / "statistics.npz"


def _picture(rng: np.random.Generator, grain: float) -> np.ndarray:
    """Smooth colours with film grain: compresses as photographs do."""
    low = rng.integers(0, 255, (8, 8, 3)).astype(np.float32)
    smooth = cv2.resize(low, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    noisy = smooth + rng.normal(size=smooth.shape).astype(np.float32) * grain
    return np.clip(noisy, 0, 255).astype(np.uint8)


class _Unloaded(FeatureExtractorInceptionV3):
    def load_state_dict(self, *_arguments: object, **_options: object) -> None: ...


def _network() -> FeatureExtractorInceptionV3:
    torch.manual_seed(0)
    nothing = io.BytesIO()
    torch.save({}, nothing)
    nothing.seek(0)
    network = _Unloaded("inception-v3-compat", ["2048"], feature_extractor_weights_path=nothing)
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    return network
