"""Labels by the names that a prompt has for them, and by those that a classifier was trained with.

Case, underscores, hyphens and spaces do not tell labels apart. A classifier may have several names
for one label with commas between them, as those trained on ImageNet do (`tabby, tabby cat`).
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

SHOWN = 8
"""So many labels are named in an error."""


def own_names(wanted: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """For each label wanted, in order, what the classifier calls it.

    Raises ValueError for labels that it does not know, for one that it knows twice, and for two
    that are one to it.
    """
    found: dict[str, str] = {}
    strange: list[str] = []
    for label in wanted:
        matching = _matching(label, known)
        if len(matching) > 1:
            raise ValueError(
                f"its labels {matching[0]!r} and {matching[1]!r} may both be {label!r}; write the "
                "whole name of one"
            )
        if matching:
            found[label] = matching[0]
        else:
            strange.append(label)
    if strange:
        raise ValueError(_unknown(strange, known))
    doubles = [label for label in found if list(found.values()).count(found[label]) > 1]
    if doubles:
        raise ValueError(
            f"the labels {doubles[0]!r} and {doubles[1]!r} are one to it, {found[doubles[0]]!r}"
        )
    return found


def _matching(label: str, known: Sequence[str]) -> list[str]:
    """The labels that the closest kind of agreement finds: as written, as words, one of several."""
    if label in known:
        return [label]
    whole = [own for own in known if _plain(own) == _plain(label)]
    return whole or [own for own in known if _plain(label) in map(_plain, own.split(","))]


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _unknown(strange: Sequence[str], known: Sequence[str]) -> str:
    names = ", ".join(map(repr, strange[:SHOWN]))
    close = get_close_matches(strange[0], known, n=3, cutoff=0.5)
    some = close or sorted(known)[:SHOWN]
    which = "the nearest are" if close else "among them"
    return (
        f"it knows no label {names}{', …' * (len(strange) > SHOWN)}; it was trained with "
        f"{len(known)} labels, {which} {', '.join(map(repr, some))}. Name the labels as it does, "
        "or ask a model that compares pictures with words"
    )
