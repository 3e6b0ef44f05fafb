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
from evalharness.catalog.names import is_local
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

    Somebody's own files have no published values to be compared with.
    """
    if registry.extractor(instrument.extractor).packaged:
        return False
    own = not instrument.home and is_local(instrument.source)
    return not own and not instrument.source.startswith(PACKAGE)


def is_verified(instrument: Instrument, resolution: Resolution) -> bool | None:
    """Whether exactly these weights passed the self-test; None where there is nothing to pass."""
    if not needs_verifying(instrument):
        return None
    return _key(instrument, resolution.revision) in _known(shipped_only=False)


def verified_revisions(instrument: Instrument, *, shipped_only: bool = False) -> tuple[str, ...]:
    """The revisions of its weights that passed with today's preprocessing and options."""
    entries = _known(shipped_only=shipped_only).items()
    revisions = ((key, str(entry.get("revision"))) for key, entry in entries)
    return tuple(sorted(r for key, r in revisions if key == _key(instrument, r)))


def remember(instrument: Instrument, resolution: Resolution, facts: Mapping[str, object]) -> Path:
    """Record that these weights passed; raises StoreError where the file cannot be written."""
    file = record_file()
    entry = {"instrument": instrument.name, "revision": resolution.revision, **facts}
    known = {**_read(file), _key(instrument, resolution.revision): entry}
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


def _key(instrument: Instrument, revision: str) -> str:
    return feature_key("", instrument, revision, registry.extractor(instrument.extractor).version)


def _known(*, shipped_only: bool) -> dict[str, Any]:
    return _read(_SHIPPED) if shipped_only else {**_read(_SHIPPED), **_read(record_file())}


def _read(file: Path) -> dict[str, Any]:
    """A record; an unreadable one counts as empty, which only asks for another self-test."""
    try:
        known = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
