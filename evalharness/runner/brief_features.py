"""What extractors see in a brief: its pictures, its words, and the outputs they are held against.

Everything is kept in the store's table of features, so that asking again looks at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.core.brief import NEUTRAL, Brief, ReferenceFeatures, Space
from evalharness.core.errors import BadInputError
from evalharness.core.keys import text_subject
from evalharness.core.nouns import Json
from evalharness.core.outcomes import Status
from evalharness.ledger.features import see_all
from evalharness.ledger.known_outputs import KnownOutput
from evalharness.ledger.store import Store
from evalharness.runner.extraction import look_at
from evalharness.runner.known import Known
from evalharness.runner.look import Look, find_look
from evalharness.runner.looking import ReferenceSet, Wanted, drop_known, reference_set
from evalharness.runner.progress import display
from evalharness.runner.session import Session


@dataclass(frozen=True, slots=True)
class BriefLooks:
    """The instruments a brief is seen through; None for a side that it does not have."""

    style: Look | None
    words: Look | None


def find_brief_looks(brief: Brief, style: str, words: str) -> BriefLooks:
    """Resolve the instruments named for pictures (`style`) and for words with pictures (`words`).

    Raises HarnessError for unknown ones, missing weights, and those that cannot see what they must.
    """
    return BriefLooks(
        _seeing(style, "picture") if brief.references else None,
        _seeing(words, "picture", "text") if brief.words else None,
    )


def _seeing(name: str, *kinds: str) -> Look:
    look = find_look(load_instrument(name))
    if not set(kinds) <= look.entry.reads or "vector" not in look.entry.given_by(look.instrument):
        raise BadInputError(
            f"{name!a} gives no vector of a {' and a '.join(kinds)}. Choose another instrument "
            "(`evalharness list instruments` shows them)."
        )
    return look


def brief_features(store: Path, suite: str, brief: Brief, looks: BriefLooks) -> ReferenceFeatures:
    """Look at whatever has not been seen of the brief and of the suite's pictures; read it back.

    `suite` is a digest. Writes only where something is missing. Raises BadInputError for
    references that are no pictures, bombs, or cannot be read.
    """
    opened = Store.open(store)
    sets = [_picture_set(written) for written in brief.references]
    missing = _unseen(opened, suite, brief, looks, sets)
    _refuse_unreadable(missing)
    if missing:
        _look(opened, brief, missing)
    known = Known(opened)
    try:
        return _read(known, brief, looks, sets)
    finally:
        known.close()


def unseen(store: Path, suite: str, brief: Brief, looks: BriefLooks) -> int:
    """How many pictures and words `brief_features` would have to look at; writes nothing.

    `suite` is a digest. Raises BadInputError for references that are not there.
    """
    sets = [_picture_set(written) for written in brief.references]
    return sum(len(want) for want in _unseen(Store.open(store), suite, brief, looks, sets))


def _unseen(
    store: Store, suite: str, brief: Brief, looks: BriefLooks, sets: Sequence[ReferenceSet]
) -> list[Wanted]:
    known = Known(store)
    try:
        return _missing(known, suite, brief, looks, sets)
    finally:
        known.close()


def look_at_outputs(store: Path, suite: str, instrument: str) -> Space:
    """Look at all of a suite's pictures through one instrument; the space they are then in."""
    opened, look = Store.open(store), _seeing(instrument, "picture")
    missing = _unseen(opened, suite, Brief(), BriefLooks(look, None), [])
    if missing:
        _look(opened, Brief(), missing)
    return _space(look)


def _picture_set(written: str) -> ReferenceSet:
    if registry.is_reference(written):
        found = reference_set(written, Path())
        if not found.has_pictures:
            raise BadInputError(f"{written!a} has no pictures to look at; expected a folder.")
        return found
    kind = "folder" if Path(written).expanduser().is_dir() else "file"
    return reference_set(f"{kind}:{written}", Path())


def _missing(
    known: Known, suite: str, brief: Brief, looks: BriefLooks, sets: Iterable[ReferenceSet]
) -> list[Wanted]:
    pictures = _pictures(known, suite)
    wanted: dict[str, Wanted] = {}
    if looks.style is not None:
        want = wanted.setdefault(looks.style.instrument.name, Wanted(looks.style))
        want.pictures = {looks.style.key(sha): sha for sha in pictures}
        want.references = {one.digest: one for one in sets}
    if looks.words is not None:
        want = wanted.setdefault(looks.words.instrument.name, Wanted(looks.words))
        want.pictures = {looks.words.key(sha): sha for sha in pictures}
        want.texts = {looks.words.key(text_subject(t)): t for t in (brief.words, NEUTRAL)}
    for want in wanted.values():
        drop_known(want, known)
    return [want for want in wanted.values() if len(want)]


def _refuse_unreadable(missing: Iterable[Wanted]) -> None:
    """Raises BadInputError before hours are spent on a suite, not after."""
    unseen = {one.digest: one for want in missing for one in want.references.values()}
    for reference in unseen.values():
        for _ in reference.pictures():
            pass


def _pictures(known: Known, suite: str) -> list[str]:
    """The sha256 of every picture that answers the suite, of whichever variant."""
    keys = [key for jobs in known.members(suite).values() for key in jobs.values()]
    outputs: Iterable[KnownOutput] = known.finished_outputs(keys).values()
    return sorted(
        {o.sha256 for o in outputs if o.status is Status.OK and o.kind == "picture" and o.sha256}
    )


def _look(store: Store, brief: Brief, missing: Sequence[Wanted]) -> None:
    arguments: dict[str, Json] = {"words": brief.words, "references": list(brief.references)}
    with display() as shown, Session(store, shown, "choose", arguments) as session:
        look_at(session, missing)
        session.publisher.now()
        if session.problems:
            raise BadInputError("\n".join(session.problems.values()))


def _read(
    known: Known, brief: Brief, looks: BriefLooks, sets: Sequence[ReferenceSet]
) -> ReferenceFeatures:
    style = texts = references = words = neutral = None
    names: dict[str, str] = {}
    copies = 0
    if looks.style is not None:
        style = _space(looks.style)
        for one in sets:
            for place, subject in enumerate(known.reference_subjects(one.digest)):
                copies += subject in names
                names.setdefault(subject, f"{one.argument} #{place + 1}")
        keys = [looks.style.key(subject) for subject in names]
        references = see_all(known.connection, keys, "vector", "reference pictures").each_vector()
    if looks.words is not None:
        texts = _space(looks.words)
        keys = [looks.words.key(text_subject(text)) for text in (brief.words, NEUTRAL)]
        words, neutral = see_all(known.connection, keys, "vector", "words").each_vector()
    return ReferenceFeatures(
        style, references, tuple(names.values()), texts, words, neutral, copies
    )


def _space(look: Look) -> Space:
    return Space(look.instrument.name, look.resolution.revision, look.entry.version)
