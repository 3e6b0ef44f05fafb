"""Which published weights have passed the self-test: here, or where this package was made.

A record names exact weights and preprocessing (by the key of an instrument's features), so that
another revision is unverified again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalharness.catalog import registry
from evalharness.catalog.weights import PACKAGE
from evalharness.core.errors import StoreError
from evalharness.core.keys import feature_key
from evalharness.core.nouns import Instrument, Resolution

_SHIPPED = Path(__file__).with_name("verified.json")


def record_file() -> Path:
    """Where this user's passed self-tests are kept: `EVALHARNESS_VERIFIED`, or a data folder."""
    chosen = os.environ.get("EVALHARNESS_VERIFIED")
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(chosen) if chosen else home / "evalharness" / "verified.json"


def needs_verifying(instrument: Instrument) -> bool:
    """Whether its weights are published elsewhere, so that no test here can have seen them.

    Somebody's own folder has no published values to be compared with.
    """
    if registry.extractor(instrument.extractor).packaged or not instrument.home:
        return False
    return not instrument.source.startswith(PACKAGE)


def is_verified(
    instrument: Instrument, resolution: Resolution, *, shipped_only: bool = False
) -> bool | None:
    """Whether exactly these weights passed the self-test; None where there is nothing to pass."""
    if not needs_verifying(instrument):
        return None
    known = _read(_SHIPPED) if shipped_only else {**_read(_SHIPPED), **_read(record_file())}
    return _key(instrument, resolution) in known


def verified_names(*, shipped_only: bool = False) -> frozenset[str]:
    """The instruments of which some revision passed."""
    known = _read(_SHIPPED) if shipped_only else {**_read(_SHIPPED), **_read(record_file())}
    return frozenset(str(entry.get("instrument")) for entry in known.values())


def remember(instrument: Instrument, resolution: Resolution, facts: Mapping[str, object]) -> Path:
    """Record that these weights passed; raises StoreError where the file cannot be written."""
    file = record_file()
    known = {**_read(file), _key(instrument, resolution): {"instrument": instrument.name, **facts}}
    staged = file.with_suffix(".staged")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        staged.replace(file)
    except OSError as error:
        raise StoreError(
            f"Cannot record in {file} what was verified ({error}). Set EVALHARNESS_VERIFIED to a "
            "file that can be written."
        ) from error
    return file


def _key(instrument: Instrument, resolution: Resolution) -> str:
    version = registry.extractor(instrument.extractor).version
    return feature_key("", instrument, resolution.revision, version)


def _read(file: Path) -> dict[str, Any]:
    """A record; an unreadable one counts as empty, which only asks for another self-test."""
    try:
        known = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
