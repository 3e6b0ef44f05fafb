"""Code that comes with weights: run only where a person has read and pinned it."""

from __future__ import annotations

import re

from evalharness.core.errors import UntrustedWeightsError
from evalharness.core.nouns import Model

_PINNED = re.compile(r"[0-9a-f]{40}|sha256:[0-9a-f]{64}")


def refuse_unpinned_code(model: Model) -> None:
    """Raise UntrustedWeightsError for a model that is to run code of an open revision."""
    if not _PINNED.fullmatch(model.revision or ""):
        raise UntrustedWeightsError(
            f"Model {model.name!r} has trust_remote_code, but its revision is {model.revision!r}: "
            "code is run only at a pinned revision. Read the code, then set `revision` to the "
            "commit you read (40 hex digits; for a local folder its sha256:… digest)."
        )
