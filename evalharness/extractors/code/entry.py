"""`code`: does the program in an answer pass its tests? The light half."""

from __future__ import annotations

import sys
from importlib import import_module

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument) -> Resolution:
    """The version of Python that programs are run with, which decides what they do.

    Raises BadInputError for a source, HarnessError where no sandbox works on this machine.
    """
    if instrument.source:
        raise BadInputError(
            f"instrument {instrument.name!r} has source {instrument.source!r}, but programs are "
            "run with the Python that runs evalharness. Write `python`."
        )
    # not at the top: only where somebody allowed programs to be run does a sandbox have to stand
    import_module("evalharness.extractors.code.finding").find_sandbox()
    return Resolution(revision="python-{}.{}".format(*sys.version_info), location="")


ENTRY = ExtractorEntry(
    name="code",
    version=1,
    reads=frozenset({"exchange"}),
    gives=frozenset({"passed"}),
    resolve=resolve,
    implementation="evalharness.extractors.code.instrument:CodeExtractor",
    packaged=True,
    executes=True,
)
