"""FID's statistic and the neighbourhood metrics beside other tools, on the same numbers.

Every contender runs in a process of its own, which tells its time and its peak memory. Compared
are seconds of processor time with one thread of linear algebra each, which other work on the
machine disturbs least; seconds by the clock stand beside. The contenders of a round start
together, so that they meet the same machine. OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are unset for
all: they slow NumPy's library alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.benchmarks.report import Figure

D = 2048
STATISTIC_ROUNDS = 1
PICTURES = 10_000
NEIGHBOUR_ROUNDS = 1
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

_CONTENDER = """
import json, resource, sys, time
import numpy as np
from tests.benchmarks.distributions import CONTENDERS
prepare = CONTENDERS[sys.argv[1]]
inputs = np.load(sys.argv[2])
run = prepare(inputs)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started, clock = time.process_time(), time.perf_counter()
value = run()
seconds, clock = time.process_time() - started, time.perf_counter() - clock
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = {"seconds": seconds, "clock": clock, "value": value, "peak": peak, "before": before}
print(json.dumps(told))
"""

Inputs = np.lib.npyio.NpzFile
Run = Callable[[], list[float]]


def _ours_fid(inputs: Inputs) -> Run:
    from evalharness.core.tables import Moments
    from evalharness.metrics.fid import frechet_distance_of_moments

    first, second = (Moments(inputs[f"m{i}"], inputs[f"s{i}"], None) for i in (1, 2))
    return lambda: [frechet_distance_of_moments(first, second)]


def _torch_fidelity(inputs: Inputs) -> Run:
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    first, second = ({"mu": inputs[f"m{i}"], "sigma": inputs[f"s{i}"]} for i in (1, 2))
    name = "frechet_inception_distance"
    return lambda: [float(fid_statistics_to_metric(first, second, verbose=False)[name])]


def _torchmetrics(inputs: Inputs) -> Run:
    import torch
    from torchmetrics.image.fid import _compute_fid

    m1, s1, m2, s2 = (torch.from_numpy(inputs[name]) for name in ("m1", "s1", "m2", "s2"))
    return lambda: [float(_compute_fid(m1, s1, m2, s2))]


def _clean_fid(inputs: Inputs) -> Run:
    from types import SimpleNamespace

    from cleanfid import fid
    from scipy.linalg import sqrtm

    # SciPy 1.18 has no `disp` any more
    fid.linalg = SimpleNamespace(sqrtm=lambda matrix, disp=True: (sqrtm(matrix), 0.0))
    arrays = [inputs[name] for name in ("m1", "s1", "m2", "s2")]
    return lambda: [float(fid.frechet_distance(*arrays))]


def _ours_prdc(inputs: Inputs) -> Run:
    from evalharness.metrics.neighbourhoods import PRDC, neighbourhoods

    real, fake = inputs["real"], inputs["fake"]

    def run() -> list[float]:
        found = neighbourhoods(fake, real, PRDC)
        return [found.precision, found.recall, found.density, found.coverage]

    return run


def _prdc(inputs: Inputs) -> Run:
    import contextlib

    from prdc import compute_prdc

    real, fake = inputs["real"], inputs["fake"]

    def run() -> list[float]:
        with contextlib.redirect_stdout(sys.stderr):
            found = compute_prdc(real, fake, nearest_k=5)
        return [float(found[name]) for name in ("precision", "recall", "density", "coverage")]

    return run


CONTENDERS: dict[str, Callable[[Inputs], Run]] = {
    "ours": _ours_fid,
    "eigvals: torch-fidelity": _torch_fidelity,
    "eigvals: torchmetrics": _torchmetrics,
    "sqrtm: clean-fid": _clean_fid,
    "our prdc": _ours_prdc,
    "prdc": _prdc,
}


def measure() -> list[Figure]:
    """FID's statistic at d = 2048, and precision, recall, density, coverage at 10k × 2048."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_statistic(Path(folder)), *_neighbours(Path(folder))]


def _race(names: list[str], inputs: Path, rounds: int) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    environment = {k: v for k, v in os.environ.items() if k not in SLOWING} | ONE_THREAD
    for _ in range(rounds):
        started = {
            name: subprocess.Popen(
                [sys.executable, "-c", _CONTENDER, name, str(inputs)],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in names
        }
        for name, process in started.items():
            told, _ = process.communicate()
            assert process.returncode == 0, f"{name} failed"
            found[name].append(json.loads(told.splitlines()[-1]))
            print(f"    {name}: {found[name][-1]['seconds']:.1f} s of processor time", flush=True)
    return found


def _fastest(rounds: list[dict[str, float]]) -> float:
    return min(one["seconds"] for one in rounds)


def _seconds(found: dict[str, list[dict[str, float]]]) -> str:
    def listed(rounds: list[dict[str, float]]) -> str:
        return "/".join(f"{one['seconds']:.1f} ({one['clock']:.0f})" for one in rounds)

    return "; ".join(f"{name} {listed(rounds)} s" for name, rounds in found.items())


def _statistic(folder: Path) -> list[Figure]:
    rng = np.random.default_rng(1)
    scale = np.linspace(0.2, 2.0, D)
    sets = [rng.normal(size=(2 * D, D)) * scale for _ in range(2)]
    moments = {f"m{i}": rows.mean(0) for i, rows in enumerate(sets, 1)}
    moments |= {f"s{i}": np.cov(rows, rowvar=False) for i, rows in enumerate(sets, 1)}
    np.savez(folder / "moments.npz", **moments)
    found = _race(list(CONTENDERS)[:4], folder / "moments.npz", STATISTIC_ROUNDS)
    value = {name: rounds[0]["value"][0] for name, rounds in found.items()}  # type: ignore[index]
    apart = max(abs(other - value["ours"]) for other in value.values())
    ours = _fastest(found["ours"])
    by_eigvals = min(_fastest(found[name]) for name in found if name.startswith("eigvals"))
    ratios = (by_eigvals / ours, _fastest(found["sqrtm: clean-fid"]) / ours)
    how = (
        f"from means and covariances, one process a contender, {STATISTIC_ROUNDS} round; "
        f"processor time (by the clock, on a busy machine): {_seconds(found)}"
    )
    return [
        Figure(
            f"FID's statistic, d = {D}: faster than the faster of two tools that use eigvals",
            "≥ 2.5 ×",
            f"{ratios[0]:.2f} ×",
            ratios[0] >= 2.5,
            how,
        ),
        Figure(
            f"FID's statistic, d = {D}: faster than sqrtm",
            "≥ 8 ×",
            f"{ratios[1]:.2f} ×",
            ratios[1] >= 8.0,
            how,
        ),
        Figure(
            "largest difference of the values",
            "≤ 1e-4",
            f"{apart:.1e} of {value['ours']:.3f}",
            apart <= 1e-4,
            "the same four",
        ),
    ]


def _neighbours(folder: Path) -> list[Figure]:
    rng = np.random.default_rng(2)
    real = rng.normal(size=(PICTURES, D)).astype(np.float32)
    fake = (0.98 * rng.normal(size=(PICTURES, D)) + 0.01).astype(np.float32)
    np.savez(folder / "features.npz", real=real, fake=fake)
    found = _race(["our prdc", "prdc"], folder / "features.npz", NEIGHBOUR_ROUNDS)
    ratio = _fastest(found["prdc"]) / _fastest(found["our prdc"])
    peaks = {name: min(one["peak"] for one in rounds) / 2**20 for name, rounds in found.items()}
    grown = {
        name: min(one["peak"] - one["before"] for one in rounds) / 2**20
        for name, rounds in found.items()
    }
    values = [np.array(found[name][0]["value"]) for name in ("our prdc", "prdc")]
    apart = float(np.abs(values[0] - values[1]).max())
    how = (
        f"one process each, {NEIGHBOUR_ROUNDS} round; processor time (by the clock, on a busy "
        f"machine): {_seconds(found)}"
    )
    return [
        Figure(
            f"precision, recall, density, coverage, {PICTURES:,} × {D}: faster than prdc",
            "≥ 2 ×",
            f"{ratio:.2f} ×",
            ratio >= 2.0,
            how,
        ),
        Figure(
            "peak memory beside prdc's",
            "≤ 0.5 ×",
            f"{peaks['our prdc'] / peaks['prdc']:.2f} × "
            f"({peaks['our prdc']:.2f} of {peaks['prdc']:.2f} GiB)",
            peaks["our prdc"] <= 0.5 * peaks["prdc"],
            "resident set of the whole process, inputs and libraries included; grown by "
            f"{grown['our prdc']:.2f} and {grown['prdc']:.2f} GiB while measuring",
        ),
        Figure(
            "largest difference of the four numbers",
            "≤ 1e-3",
            f"{apart:.1e}",
            apart <= 1e-3,
            "float64 here; prdc keeps float32 distances",
        ),
    ]
