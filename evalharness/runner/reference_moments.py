"""Published statistics: `reference: npz:./stats.npz`, as pytorch-fid and clean-fid write them.

The file holds `mu` (d,) and `sigma` (d, d) of features; by which network they were extracted it
does not say, so only the dimension can be checked against the instrument's.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog.digests import file_digest
from evalharness.core.contracts import ReferenceSource
from evalharness.core.errors import BadInputError
from evalharness.core.tables import Moments

LARGEST_BYTES = 2**31
"""Statistics of 16,000 dimensions; what unpacks to more is no such file."""

_ASYMMETRY = 1e-6
_NEGATIVE = 1e-6
"""What rounding may leave, relative to the largest entry and the largest eigenvalue."""


_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_UNREADABLE = (BadZipFile, OSError, ValueError, EOFError, KeyError, AttributeError, TypeError)


def read_moments(path: Path) -> Moments:
    """Mean and covariance, float64. Raises BadInputError for whatever cannot be those."""
    if not path.is_file():
        raise BadInputError(f"There is no file {path} of statistics. Check the reference.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            mean, covariance = _array(stored, "mu", path), _array(stored, "sigma", path)
    except _UNREADABLE as error:
        raise BadInputError(
            f"{path} cannot be read as statistics ({error}); expected an .npz with the plain "
            "arrays mu and sigma. Objects (pickles) are never loaded."
        ) from error
    _check(mean, covariance, path)
    return Moments(mean, covariance, None)


def _array(stored: np.lib.npyio.NpzFile, name: str, path: Path) -> NDArray[np.float64]:
    if name not in stored.files:
        raise BadInputError(
            f"{path} holds {', '.join(stored.files) or 'nothing'}, but no {name}; expected mu and "
            "sigma, as pytorch-fid and clean-fid save them."
        )
    if stored.zip is not None and stored.zip.getinfo(f"{name}.npy").file_size > LARGEST_BYTES:
        raise BadInputError(
            f"{name} in {path} unpacks to more than {LARGEST_BYTES / 2**30:.0f} GiB."
        )
    _refuse_lying_header(stored, name, path)
    found = stored[name]
    if found.dtype.kind not in "fiu":
        raise BadInputError(f"{name} in {path} holds {found.dtype}; expected real numbers.")
    return np.asarray(found, np.float64)


def _refuse_lying_header(stored: np.lib.npyio.NpzFile, name: str, path: Path) -> None:
    """An array's memory is taken before its numbers are read, so its header must be true."""
    if stored.zip is None or f"{name}.npy" not in stored.zip.namelist():
        return
    with stored.zip.open(f"{name}.npy") as entry:
        version = np.lib.format.read_magic(entry)
        if version not in _HEADERS:
            raise ValueError(f"{name} is written in version {version} of the .npy format")
        shape, _, kind = _HEADERS[version](entry)
        there = stored.zip.getinfo(f"{name}.npy").file_size - entry.tell()
    if not kind.hasobject and prod(shape) * kind.itemsize > there:
        raise BadInputError(
            f"{name} in {path} claims shape {shape} of {kind}, {prod(shape) * kind.itemsize:,} "
            f"bytes, but holds {there:,}. The file is damaged: fetch it again."
        )


def _check(mean: NDArray[np.float64], covariance: NDArray[np.float64], path: Path) -> None:
    d = mean.size
    if mean.ndim != 1 or d == 0 or covariance.shape != (d, d):
        raise BadInputError(
            f"{path} has mu of shape {mean.shape} and sigma of shape {covariance.shape}; "
            "expected (d,) and (d, d)."
        )
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise BadInputError(f"mu or sigma in {path} holds NaN or infinity. Fetch it again.")
    largest = float(np.abs(covariance).max())
    if largest == 0.0:
        raise BadInputError(f"sigma in {path} is zero: there is no distribution to compare with.")
    apart = float(np.abs(covariance - covariance.T).max())
    if apart > _ASYMMETRY * largest:
        raise BadInputError(
            f"sigma in {path} is not symmetric (entries differ by up to {apart:.3g} of "
            f"{largest:.3g}); a covariance is. Fetch it again."
        )


def _path(argument: str, base: Path) -> Path:
    return base / Path(argument).expanduser()


def _identity(argument: str, base: Path) -> str:
    path = _path(argument, base)
    read_moments(path)
    return file_digest(path)


def _moments(argument: str, base: Path) -> Moments:
    path = _path(argument, base)
    found = read_moments(path)
    spread = np.linalg.eigvalsh(found.covariance)  # takes a second, so not whenever one plans
    if spread[0] < -_NEGATIVE * spread[-1]:
        raise BadInputError(
            f"sigma in {path} has the negative eigenvalue {spread[0]:.3g}; a covariance has none."
        )
    return found


NPZ = ReferenceSource(
    name="npz",
    identity=_identity,
    moments=_moments,
)
