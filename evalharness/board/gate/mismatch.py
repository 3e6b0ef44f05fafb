"""Whether a baseline and a take were measured alike: the instrument must be the same.

What differs in the subject (weights, settings, libraries, device) is what a gate judges; what
differs in the instrument would be judged with it, so it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from evalharness.board.columns import instrument_name
from evalharness.core.baseline import AskedPrompt, Baseline, MeasuredBy
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

_SHOWN = 5
_DIGITS = 12


def check_asked(
    baseline: Baseline, suite: str, version: int, digest: str, prompts: Sequence[AskedPrompt]
) -> None:
    """Raise BadInputError unless the suite asks what the baseline was asked, saying what differs.

    `prompts` are all that the suite has; a baseline of the first few of them fits.
    """
    if baseline.suite_digest == digest:
        return
    found = list(_prompt_differences(baseline.prompts, prompts)) or [
        "its seeds, settings, protocol, reference or tags were changed"
    ]
    if baseline.suite != suite:
        found = [f"it is the suite {suite}"]
    raise BadInputError(
        f"This is a baseline of another suite: {baseline.suite} version {baseline.version} "
        f"({baseline.suite_digest[:_DIGITS]}), but {suite} version {version} "
        f"({digest[:_DIGITS]}) was asked for; {'; '.join(found)}. Save a new baseline of this "
        "version with `evalharness baseline save`."
    )


def _prompt_differences(old: Sequence[AskedPrompt], new: Sequence[AskedPrompt]) -> Iterator[str]:
    before, after = ({one.id: one.digest for one in side} for side in (old, new))
    changed = [name for name, digest in before.items() if after.get(name, digest) != digest]
    missing = [name for name in before if name not in after]
    if changed:
        yield f"prompts changed: {_some(changed)}"
    if missing:
        yield f"prompts removed: {_some(missing)}"


def check_measured(baseline: Baseline, now: MeasuredBy) -> None:
    """Raise BadInputError unless what measures is what measured the baseline."""
    found = list(measuring_differences(baseline.measured_by, now))
    if found:
        raise BadInputError(
            "The baseline was measured by other instruments, so numbers cannot be compared: "
            f"{'; '.join(found)}. Use what it was measured with, or save a new baseline with "
            "`evalharness baseline save`."
        )


def measuring_differences(old: MeasuredBy, new: MeasuredBy) -> Iterator[str]:
    """What differs, in words; of metrics that both have. A reference is known only with one that
    looks at it.
    """
    explained: set[str] = set()
    for name in sorted({*old.instruments} & {*new.instruments}):
        before, after = old.instruments[name], new.instruments[name]
        if before != after:
            explained.add(name)
            yield f"the instrument {name}: {_fields(before, after)}"
    for metric in sorted({*old.recipes} & {*new.recipes}):
        instrument = instrument_name(metric)
        if old.recipes[metric] != new.recipes[metric] and instrument not in explained:
            yield f"the recipe of {metric} (its version)"
    if old.reference and new.reference and old.reference != new.reference:
        yield (
            f"the reference set {_short(old.reference)} is now {_short(new.reference)} "
            "(other pictures)"
        )


def _fields(before: Json, after: Json) -> str:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return f"{_short(before)} is now {_short(after)}"
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(f"{n} {_short(before.get(n))} is now {_short(after.get(n))}" for n in names)


def _short(value: Json) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    text = text.removeprefix("sha256:")
    return text if len(text) <= 40 else f"{text[:_DIGITS]}…"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
