"""An instrument that is ready to look, and the permission that some of them need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from evalharness.catalog import registry
from evalharness.core.contracts import Extractor, ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.keys import KeyPattern, feature_keys, instrument_recipe
from evalharness.core.nouns import Instrument, Json, Resolution


@dataclass(frozen=True)
class Look:
    """An instrument ready to be used: its weights found, its keys computable.

    `executing` says that a person allowed code that models wrote to be run.
    """

    instrument: Instrument
    entry: ExtractorEntry
    resolution: Resolution
    executing: bool = False

    def open(self) -> Extractor:
        """The half that looks, for a `with` block; raises BadInputError without permission."""
        _refuse_unallowed(self.instrument, self.entry, self.executing)
        extractor: Extractor = registry.load(self.entry.implementation)(
            self.instrument, self.resolution
        )
        return extractor

    def recipe(self) -> dict[str, Json]:
        """What decides its features beside the subject."""
        return instrument_recipe(self.instrument, self.resolution.revision, self.entry.version)

    def key(self, subject: str) -> str:
        """The feature key of a subject seen through this instrument."""
        return self._keys.key(subject)

    @cached_property
    def _keys(self) -> KeyPattern:
        return feature_keys(self.instrument, self.resolution.revision, self.entry.version)


def find_look(instrument: Instrument, *, executing: bool = False) -> Look:
    """Resolve an instrument's weights; raises MissingWeightsError, UntrustedWeightsError.

    Raises BadInputError for one that runs what models wrote, unless `executing` allows that.
    """
    entry = registry.extractor(instrument.extractor)
    _refuse_unallowed(instrument, entry, executing)
    return Look(instrument, entry, entry.resolve(instrument), executing)


def _refuse_unallowed(instrument: Instrument, entry: ExtractorEntry, executing: bool) -> None:
    if entry.executes and not executing:
        raise BadInputError(
            f"instrument {instrument.name!r} runs programs that models wrote, and nobody "
            "allowed it. To have them run in a sandbox on this machine, give "
            "--allow-code-execution (in Python allow_code_execution=True); "
            "without it everything else is measured."
        )
