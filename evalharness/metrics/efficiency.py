"""What an output costs: `latency`, `throughput`, `peak_memory`, `energy`, `cost`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.contracts import Kind
from evalharness.core.measures import About, MetricFacts, OutputMetric, SetMetric
from evalharness.core.tables import OutputTable, SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError

ANY_KIND: frozenset[Kind] = frozenset({"picture", "text", "likelihoods"})
GIB = 2.0**30

BY_BATCH = frozenset({"latency", "peak_memory", "energy"})
"""Measured once a batch: its outputs share the number, so prompts are no sample of it, and models
that did not take turns on the machine differ by whatever else ran."""
BY_MACHINE = BY_BATCH | {"throughput"}
"""What the machine and the hour decide as much as the model."""


def _latency(table: OutputTable) -> NDArray[np.float64]:
    return np.asarray(table.duration_s, dtype=np.float64)


def _peak_memory(table: OutputTable) -> NDArray[np.float64]:
    return np.asarray(table.peak_memory_bytes, dtype=np.float64) / GIB


def outputs_per_second(duration_s: NDArray[np.float64], batch_size: NDArray[np.float64]) -> float:
    """Outputs per second of busy time: n / Σ (duration of the batch / its size).

    Outputs of unknown duration (NaN) are left out of both. Raises UnmeasurableError where no
    duration is known, or where a duration is negative, all are zero or a batch holds nothing.
    """
    known = np.isfinite(duration_s) & np.isfinite(batch_size)
    duration, batch = duration_s[known], batch_size[known]
    if not known.any():
        raise UnmeasurableError(
            "No output has a known duration, so there is no throughput. "
            "Imported outputs have none; generate them here to measure it."
        )
    if (duration < 0).any() or (batch < 1).any() or not duration.any():
        raise UnmeasurableError(
            f"Durations from {duration.min()} s to {duration.max()} s in batches from "
            f"{batch.min():g}; expected durations above 0 s and batches of at least 1. "
            "The backend that made these outputs reports wrong timings."
        )
    return float(len(duration) / (duration / batch).sum())


def _throughput(table: SetTable) -> SetValue:
    return SetValue(outputs_per_second(table.outputs.duration_s, table.outputs.batch_size))


def _energy(table: OutputTable) -> NDArray[np.float64]:
    return np.asarray(table.energy_j, dtype=np.float64)


def _cost(table: OutputTable) -> NDArray[np.float64]:
    return np.asarray(table.cost, dtype=np.float64)


LATENCY = OutputMetric(
    facts=MetricFacts(
        name="latency",
        version=1,
        title="Latency",
        unit="s",
        direction="lower",
        needs=frozenset(),
        applies_to=ANY_KIND,
        about=About(
            measures="How long somebody waits for an output.",
            range="above 0",
            recipe="wall time of the batch an output was made in, encoding and storing not "
            "included",
            source="the usual definition",
            limits="Depends on the machine, the batch size and what else ran; compare within one "
            "environment.",
        ),
    ),
    measure=_latency,
)
"""Seconds of the batch in which the output was made: how long somebody waits for it."""

PEAK_MEMORY = OutputMetric(
    facts=MetricFacts(
        name="peak_memory",
        version=1,
        title="Peak memory",
        unit="GiB",
        direction="lower",
        needs=frozenset(),
        applies_to=ANY_KIND,
        about=About(
            measures="How much memory a model takes.",
            range="0 and up",
            recipe="the device allocator's peak while the output's batch ran, weights included "
            "(on a CPU: growth of the process)",
            source="the usual definition",
            limits="Depends on batch size and offload mode.",
        ),
    ),
    measure=_peak_memory,
)
"""GiB of the device (or the process) at the peak while the output's batch ran; NaN if unknown."""

THROUGHPUT = SetMetric(
    facts=MetricFacts(
        name="throughput",
        version=1,
        title="Throughput",
        unit="1/s",
        direction="higher",
        needs=frozenset(),
        applies_to=ANY_KIND,
        about=About(
            measures="How many outputs a model makes in a second of work.",
            range="above 0",
            recipe="n / Σ (duration of an output's batch / size of that batch)",
            source="the usual definition",
            limits="Loading is left out; depends on the machine and the batch size.",
        ),
    ),
    measure=_throughput,
    minimum_n=lambda _d: 1,
)

ENERGY = OutputMetric(
    facts=MetricFacts(
        name="energy",
        version=1,
        title="Energy",
        unit="J",
        direction="lower",
        needs=frozenset(),
        applies_to=ANY_KIND,
        about=About(
            measures="How much energy the device uses for an output.",
            range="0 and up",
            recipe="rise of NVML's energy counter while the output's batch ran, over the size of "
            "that batch; without NVML (nvidia-ml-py), or on a device that does not count, no value",
            source="NVML, nvmlDeviceGetTotalEnergyConsumption",
            limits="The whole GPU's, so others working on it count too; the CPU, the memory and "
            "the cooling are left out; short batches are read coarsely.",
        ),
    ),
    measure=_energy,
)
"""Joules; NaN where nobody counted."""

COST = OutputMetric(
    facts=MetricFacts(
        name="cost",
        version=1,
        title="Cost",
        unit="US$",
        direction="lower",
        needs=frozenset(),
        applies_to=ANY_KIND,
        about=About(
            measures="What an output costs in US dollars.",
            range="0 and up",
            recipe="what the backend reports for the answer, else the model's price_per_1000 over "
            "1000; no value where neither is known",
            source="the model's maker",
            limits="Refused and failed answers may be charged too and are not counted; where the "
            "price comes from the model's file, a changed one holds for earlier outputs too.",
        ),
        priced=True,
    ),
    measure=_cost,
)
"""US dollars; NaN where no price is known."""
