"""``scribe``: the light half."""

from __future__ import annotations

import hashlib

from evalharness.backends.scribe.programme import Programme
from evalharness.backends.scribe.truth import KNOWN, digest_of, read_answers
from evalharness.core.contracts import BackendEntry
from evalharness.core.nouns import Model, Resolution

VERSION = 3


def resolve(model: Model) -> Resolution:
    """There are no weights; options and answers are checked so that a plan finds mistakes."""
    programme = Programme.read(model)
    digests = [digest_of(KNOWN)]
    if programme.answers is not None:
        read_answers(programme.answers)
        digests.append(digest_of(programme.answers))
    revision = hashlib.sha256(" ".join((f"scribe {VERSION}", *digests)).encode()).hexdigest()
    return Resolution(revision=f"sha256:{revision}", location="built-in")


ENTRY = BackendEntry(
    name="scribe",
    version=VERSION,
    resolve=resolve,
    implementation="evalharness.backends.scribe.writing:Scribe",
    modality="text",
    reads="truth",
)
