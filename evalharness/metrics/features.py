"""What distribution metrics demand of features before they turn them into a number."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.errors import HarnessError
from evalharness.core.nouns import Json
from evalharness.core.tables import Reference, SetTable


class UnmeasurableError(HarnessError):
    """Input that a metric cannot turn into a right number."""


def feature_matrix(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """`values` as float64 (n, d), n ≥ 2, all finite; `what` names them in errors.

    Raises UnmeasurableError for any other shape, fewer than two rows, NaN or infinity.
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise UnmeasurableError(
            f"The features of {what} have shape {rows.shape}; expected (n, d) with d ≥ 1. "
            "Extract them again with one instrument."
        )
    if len(rows) < 2:
        raise UnmeasurableError(
            f"Only {len(rows)} feature of {what}; a spread needs at least 2. Add outputs or seeds."
        )
    _refuse_nonfinite(rows, what)
    return rows


def _refuse_nonfinite(rows: NDArray[np.float64], what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise UnmeasurableError(
            f"{len(bad)} of {len(rows)} features of {what} hold NaN or infinity (first: row "
            f"{bad[0]}). Look at those pictures and at the instrument's weights."
        )


def feature_pair(
    outputs: ArrayLike, reference: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sets as float64 (n, d) and (m, d); raises UnmeasurableError where d differs."""
    x = feature_matrix(outputs, "the outputs")
    y = feature_matrix(reference, "the reference")
    if x.shape[1] != y.shape[1]:
        raise UnmeasurableError(
            f"The outputs' features have {x.shape[1]} dimensions and the reference's "
            f"{y.shape[1]}; expected the same. Extract both with one instrument."
        )
    return x, y


def unit_rows(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """The rows of `feature_matrix` at length 1; raises UnmeasurableError also for zero rows."""
    return directions(feature_matrix(values, what), what)


def directions(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Rows (n, d) at length 1, float64; raises UnmeasurableError for zero, NaN or infinity."""
    rows = np.asarray(values, dtype=np.float64)
    _refuse_nonfinite(rows, what)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    zero = np.flatnonzero(lengths == 0.0)
    if len(zero):
        raise UnmeasurableError(
            f"{len(zero)} of {len(rows)} features of {what} are zero, so they have no direction "
            f"(first: row {zero[0]}). Look at those pictures and at the instrument's weights."
        )
    unit: NDArray[np.float64] = rows / lengths
    return unit


def unit_pair(
    outputs: ArrayLike, reference: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`feature_pair` with every row at length 1; raises UnmeasurableError for zero rows."""
    x, y = feature_pair(outputs, reference)
    return unit_rows(x, "the outputs"), unit_rows(y, "the reference")


def measurement(detail: Json, name: str) -> float:
    """A number of a detail, NaN where there is none (the picture was too small for it).

    Raises UnmeasurableError where the detail holds no measurements, or no finite one.
    """
    value = detail.get(name, math.nan) if isinstance(detail, dict) else None
    if not isinstance(value, int | float) or math.isinf(value):
        raise UnmeasurableError(
            f"The measurement {name} is {value!r}; expected a finite number. Extract it again."
        )
    return float(value)


def output_vectors(table: SetTable) -> NDArray[np.float32]:
    """The features of the outputs (n, d), as they were seen."""
    return table.outputs.seen["output"].each_vector()


def the_reference(table: SetTable) -> Reference:
    """The reference of a table; raises UnmeasurableError where there is none."""
    if table.reference is None:
        raise UnmeasurableError("There is no reference to compare with. Name one in the suite.")
    return table.reference


def output_and_reference(table: SetTable) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The features of the outputs (n, d) and of the reference (m, d), as they were seen."""
    reference = the_reference(table).vectors()
    refuse_one_point(reference)
    return output_vectors(table), reference


def refuse_one_point(reference: NDArray[np.float32]) -> None:
    """Raise UnmeasurableError where all reference features are one and the same."""
    if len(reference) and not np.ptp(reference, axis=0).any():
        raise UnmeasurableError(
            "All reference features are equal, so there is no distribution to compare with. "
            "Check that the reference holds different pictures."
        )
