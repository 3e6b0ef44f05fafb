"""The light half: reads the address, without a word to the server."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from evalharness.backends.server.bodies import refuse_wrong_settings
from evalharness.backends.server.choices import Choices
from evalharness.catalog.addresses import read_address
from evalharness.core.contracts import BackendEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Model, Resolution

UNPINNED = "unpinned:"
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def resolve(model: Model) -> Resolution:
    """Check the address and the options; nothing on a server can be pinned from here.

    The revision is the user's own word for what is served. `sha256:…` says that the content is
    known: then the address is no part of the identity, and the model may move to another server.
    Raises BadInputError and UnknownNameError.
    """
    choices = Choices.read(model)
    if model.modality != "text":
        raise BadInputError(
            f"Model {model.name!r} is to answer with {model.modality}, but servers are asked for "
            "text only. Set modality: text."
        )
    if model.adapters:
        raise BadInputError(
            f"Model {model.name!r} has adapters, which the server must load itself. Start it with "
            "them, and give the name that it serves them under in the source."
        )
    revision = model.revision
    if revision is not None and revision.startswith("sha256:") and not _SHA256.fullmatch(revision):
        raise BadInputError(
            f"Model {model.name!r} has the revision {revision!r}; expected sha256: and 64 "
            "hexadecimal digits, or any other word."
        )
    source = choices.address.source
    unpinned = UNPINNED + hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Resolution(revision=revision or unpinned, location=choices.address.url)


def settle(model: Model) -> Model:
    """Write the address the one way that keys know (host in lower case, no slash at its end)."""
    return replace(model, source=read_address(model.source, f"Model {model.name!r}").source)


ENTRY = BackendEntry(
    name="server",
    version=1,
    resolve=resolve,
    implementation="evalharness.backends.server.backend:open_backend",
    settle=settle,
    check_settings=lambda _model, settings: refuse_wrong_settings(settings),
    imports=("httpx",),
    modality="text",
    remote=True,
)
