"""The extract stage: one child per instrument looks at what it has not seen yet."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from evalharness.catalog.pictures import ahead
from evalharness.core.contracts import Extractor, SubjectKind
from evalharness.core.errors import (
    BadInputError,
    DamagedArtifactError,
    HarnessError,
    LookingEndedError,
)
from evalharness.core.keys import change_subject, exchange_subject, pair_subject, text_subject
from evalharness.core.outcomes import (
    MARKED,
    Change,
    Exchange,
    FeatureValue,
    Pair,
    Picture,
    Seeable,
    Status,
    Text,
)
from evalharness.ledger.artifacts import read_picture
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import FeatureRow, JsonText, ReferenceRow, Row
from evalharness.ledger.store import Store
from evalharness.ledger.subjects import ChangeOf
from evalharness.runner import clock
from evalharness.runner.events import Loaded, Send, Stored
from evalharness.runner.known import Known
from evalharness.runner.look import Look
from evalharness.runner.looking import ReferenceSet

READERS = 2
"""Threads that read and decode ahead of the network."""

ASKED_AT_ONCE = 16
"""Reference pictures held while the store is asked for their features."""

HELD_BYTES = 2**28
"""A batch is closed when its decoded pictures take so much: 64 large photographs take gigabytes."""


FLUSH_ROWS = 512
FLUSH_S = 5.0
"""A journal part of features is written after so many or so long; a kill loses at most one."""


@dataclass(frozen=True, slots=True)
class ExtractWork:
    """What one instrument has yet to see, by feature key (see `looking.Wanted`)."""

    store: Path
    run: str
    look: Look
    pictures: Mapping[str, str]
    texts: Mapping[str, str]
    pairs: Mapping[str, tuple[str, str]]
    exchanges: Mapping[str, tuple[str, str]]
    changes: Mapping[str, ChangeOf]
    references: tuple[ReferenceSet, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A subject ready to be looked at, or the reason why it cannot be."""

    key: str
    subject: str
    media: Seeable | None
    reason: str = ""


def extract(work: ExtractWork, send: Send) -> None:
    """Load the instrument, look at every subject, store every feature. Runs in a child."""
    store = Store.create(work.store)
    started = time.monotonic()
    with work.look.open() as extractor:
        send(Loaded(time.monotonic() - started))
        writer = _Writer(store, work, extractor, send)
        writer.look_at("text", _texts(work.texts))
        writer.look_at("picture", _pictures(store, work.pictures))
        writer.look_at("pair", _pairs(store, work.pairs))
        writer.look_at("exchange", _exchanges(work.exchanges))
        writer.look_at("change", ahead(partial(_change, store), work.changes.items(), READERS))
        problems = [problem for r in work.references if (problem := writer.look_at_reference(r))]
        writer.flush()
    if problems:
        raise BadInputError("\n".join(problems))


class _Writer:
    """Looks in batches and writes features (and reference members) in parts."""

    def __init__(self, store: Store, work: ExtractWork, extractor: Extractor, send: Send) -> None:
        self._store = store
        self._work = work
        self._extractor = extractor
        self._journal = Journal(store, work.run)
        self._send = send
        self._rows: list[Row] = []
        self._stored: list[tuple[str, Status]] = []
        self._flushed = time.monotonic()

    def look_at(self, kind: SubjectKind, subjects: Iterable[Seen]) -> None:
        """Look at all subjects of one kind, in batches of the extractor's size or `HELD_BYTES`."""
        batch: list[Seen] = []
        held = 0
        for seen in subjects:
            batch.append(seen)
            held += _held(seen.media)
            if len(batch) == self._work.look.entry.batch_size or held >= HELD_BYTES:
                self._look(kind, batch)
                batch, held = [], 0
        if batch:
            self._look(kind, batch)

    def look_at_reference(self, reference: ReferenceSet) -> str:
        """Look at a reference set, however large; returns why it cannot be read, or "".

        Members are recorded as they come, but the first ones last. So a set whose first member is
        on record is whole, whatever interrupted earlier attempts at it.
        """
        first: list[Row] = []
        known = Known(self._store)
        try:
            self.look_at("picture", _unseen(self._enlisted(reference, first), known))
        except BadInputError as error:
            return str(error)
        finally:
            known.close()
        self.flush()
        self._journal.write(first)
        return ""

    def _enlisted(self, reference: ReferenceSet, first: list[Row]) -> Iterator[Seen]:
        for position, picture in enumerate(reference.pictures()):
            subject = picture_subject(picture)
            row = ReferenceRow(
                run=self._work.run,
                made_at=clock.now(),
                reference=reference.digest,
                position=position,
                subject=subject,
            )
            (first if position < FLUSH_ROWS else self._rows).append(row)
            yield Seen(self._work.look.key(subject), subject, picture)

    def _look(self, kind: SubjectKind, batch: Sequence[Seen]) -> None:
        ready = [(seen, seen.media) for seen in batch if seen.media is not None]
        values = self._values([media for _, media in ready])
        for seen in batch:
            if seen.media is None:
                self._keep(kind, seen, None, seen.reason)
        for (seen, _), value in zip(ready, values, strict=True):
            if isinstance(value, FeatureValue):
                self._keep(kind, seen, value if value.looked else None, value.reason)
            else:
                self._keep(kind, seen, None, value)
        if len(self._rows) >= FLUSH_ROWS or time.monotonic() - self._flushed > FLUSH_S:
            self.flush()

    def _values(self, media: Sequence[Seeable]) -> Sequence[FeatureValue | str]:
        """One value per subject; where a batch fails its subjects are looked at one by one."""
        if not media:
            return []
        try:
            return self._extractor.extract(media)
        except LookingEndedError:
            self.flush()
            raise
        except Exception as error:
            if len(media) == 1:
                kind = "" if isinstance(error, HarnessError) else f"{type(error).__name__}: "
                return [f"{kind}{error}"]
            return [self._values([one])[0] for one in media]

    def _keep(self, kind: SubjectKind, seen: Seen, value: FeatureValue | None, reason: str) -> None:
        look = self._work.look
        status = Status.OK if value is not None else Status.FAILED
        found = value or FeatureValue()
        self._rows.append(
            FeatureRow(
                run=self._work.run,
                made_at=clock.now(),
                feature_key=seen.key,
                subject=seen.subject,
                kind=kind,
                instrument=look.instrument.name,
                extractor=look.entry.name,
                weights=look.resolution.revision,
                version=look.entry.version,
                status=str(status),
                reason=reason,
                vector=found.vector,
                scalar=found.scalar,
                text=found.text,
                detail=None if found.detail is None else JsonText(json.dumps(found.detail)),
            )
        )
        self._stored.append((seen.key, status))

    def flush(self) -> None:
        """Make everything seen so far durable, then announce it."""
        if self._rows:
            self._journal.write(self._rows)
        if self._stored:
            keys, statuses = zip(*self._stored, strict=True)
            self._send(Stored(keys, statuses))
        self._rows, self._stored = [], []
        self._flushed = time.monotonic()


def picture_subject(picture: Picture) -> str:
    """Digest of a picture that is not an artifact: its shape and pixels."""
    shape = "x".join(str(side) for side in picture.pixels.shape)
    return hashlib.sha256(f"pixels {shape}\0".encode() + picture.pixels.tobytes()).hexdigest()


def _held(media: Seeable | None) -> int:
    """Bytes of decoded pictures."""
    match media:
        case Picture() | Pair():
            return media.pixels.nbytes
        case Change():
            return media.before.nbytes + media.after.nbytes
        case _:
            return 0


def _texts(texts: Mapping[str, str]) -> Iterator[Seen]:
    return (Seen(key, text_subject(text), Text(text)) for key, text in texts.items())


def _pictures(store: Store, pictures: Mapping[str, str]) -> Iterator[Seen]:
    """Decoded pictures in order, read ahead by a few threads."""

    def read(item: tuple[str, str]) -> Seen:
        key, sha256 = item
        try:
            return Seen(key, sha256, Picture(read_picture(store, sha256)))
        except DamagedArtifactError as error:
            return Seen(key, sha256, None, str(error))

    return ahead(read, pictures.items(), READERS)


def _exchanges(exchanges: Mapping[str, tuple[str, str]]) -> Iterator[Seen]:
    for key, (answer, asked) in exchanges.items():
        subject = exchange_subject(text_subject(answer), asked)
        yield Seen(key, subject, Exchange(answer, asked))


def _change(store: Store, wanted: tuple[str, ChangeOf]) -> Seen:
    key, (before, after, region) = wanted
    subject = change_subject(before, after, region)
    try:
        marked = None if region is None else read_picture(store, region).max(axis=2) >= MARKED
        change = Change(read_picture(store, before), read_picture(store, after), marked)
    except DamagedArtifactError as error:
        return Seen(key, subject, None, str(error))
    return Seen(key, subject, change)


def _unseen(subjects: Iterator[Seen], known: Known) -> Iterator[Seen]:
    """Those without a stored feature: an equal picture may be in another set."""
    while batch := list(islice(subjects, ASKED_AT_ONCE)):
        stored = known.ok_features(seen.key for seen in batch)
        yield from (seen for seen in batch if seen.key not in stored)


def _pairs(store: Store, pairs: Mapping[str, tuple[str, str]]) -> Iterator[Seen]:
    """Pictures with their texts, those of one picture together so that it is decoded once."""
    texts: dict[str, list[tuple[str, str]]] = {}
    for key, (sha256, text) in pairs.items():
        texts.setdefault(sha256, []).append((key, text))
    for seen in _pictures(store, {sha256: sha256 for sha256 in texts}):
        for key, text in texts[seen.key]:
            subject = pair_subject(seen.key, text)
            if isinstance(seen.media, Picture):
                yield Seen(key, subject, Pair(seen.media.pixels, text))
            else:
                yield Seen(key, subject, None, seen.reason)
