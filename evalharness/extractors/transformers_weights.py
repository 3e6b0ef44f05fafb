"""Instruments in transformers' own layout; the light half (see `transformers_models`)."""

from __future__ import annotations

from collections.abc import Sequence

from evalharness.catalog.transformers_folder import FILES, resolve_folder
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument, files: Sequence[str] = FILES) -> Resolution:
    """Find the model's folder or Hub commit; raises as `resolve_folder` does."""
    what = f"instrument {instrument.name!r}"
    return resolve_folder(instrument.source, instrument.revision, what, files)
