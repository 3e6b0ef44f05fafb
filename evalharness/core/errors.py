"""Errors that tell a person what was found, what was expected and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HarnessError(Exception):
    """A problem the user can act on; the command line prints it without a traceback."""


class UnknownNameError(HarnessError):
    """A name that stands in no registry or catalogue."""


class BadInputError(HarnessError):
    """A user's file or argument that cannot be read as what it should be."""


class LookingEndedError(HarnessError):
    """What no other subject will overcome (a wrong key, a server gone): an instrument stops here.

    Anything else that it raises is about the subjects it was shown.
    """


class MissingWeightsError(HarnessError):
    """Weights that are not on this machine and cannot be fetched."""


class UntrustedWeightsError(HarnessError):
    """Weights that could run code when loaded (pickles, remote code)."""


class DamagedArtifactError(HarnessError):
    """Stored bytes that no longer match their sha256."""


class StoreError(HarnessError):
    """A results folder that cannot be read or written."""


class StoreBusyError(StoreError):
    """A store that another process is writing."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Build the error for `name`, with the nearest known names as a suggestion."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        hint = "Did you mean " + " or ".join(repr(n) for n in near) + "?"
    else:
        hint = f"Known: {', '.join(names)}." if names else "There are none."
    return UnknownNameError(f"There is no {kind} named {name!r}. {hint}")
