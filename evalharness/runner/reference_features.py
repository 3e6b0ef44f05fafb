"""The features of a reference as metrics read them, in blocks wherever that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog import registry
from evalharness.core.errors import HarnessError
from evalharness.core.tables import Moments, Reference
from evalharness.ledger.features import see_all
from evalharness.metrics.reference import StoredReference
from evalharness.runner.known import Known
from evalharness.runner.look import Look
from evalharness.runner.looking import ReferenceSet


def reference_features(known: Known, look: Look, reference: ReferenceSet) -> Reference:
    """What the store holds of a reference's pictures, or the moments that its source gives.

    Raises HarnessError where the pictures have not been looked at.
    """
    source = registry.reference(reference.source)
    if source.moments is not None:
        name = f"{reference.source}:{reference.argument}"
        return PublishedMoments(name, source.moments(reference.argument, reference.base))
    subjects = known.reference_subjects(reference.digest)
    if not subjects:
        raise HarnessError(
            f"the reference {reference.source}:{reference.argument} has not been looked at; the "
            "run that tried says why"
        )
    keys = tuple(look.key(subject) for subject in subjects)
    return StoredReference(keys, partial(_rows, known))


@dataclass(frozen=True)
class PublishedMoments:
    """Moments without the pictures they were taken of; a `Reference`."""

    name: str
    published: Moments

    @property
    def n(self) -> int | None:
        """Of how many pictures they are, where the source says so."""
        return self.published.n

    @property
    def d(self) -> int:
        """The dimension of the features."""
        return len(self.published.mean)

    def vectors(self) -> NDArray[np.float32]:
        """Raises HarnessError: nobody has them."""
        raise HarnessError(
            f"{self.name} holds the mean and covariance only, and this metric compares with single "
            "pictures. Name a reference of pictures: folder:…, parquet:…, hf:…"
        )

    def moments(self) -> Moments:
        """As they were published."""
        return self.published


@dataclass(frozen=True)
class AnyNumber:
    """A reference that does not tell how many pictures it has, so that none are too few."""

    reference: Reference

    @property
    def n(self) -> None:
        """Not told."""
        return

    @property
    def d(self) -> int:
        """The dimension of the features."""
        return self.reference.d

    def vectors(self) -> NDArray[np.float32]:
        """(n, d)."""
        return self.reference.vectors()

    def moments(self) -> Moments:
        """Mean and covariance."""
        return self.reference.moments()


def _rows(known: Known, keys: Sequence[str]) -> NDArray[np.float32]:
    return see_all(known.connection, keys, "vector", "reference pictures").each_vector()
