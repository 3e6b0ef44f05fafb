"""One metric on pictures that were made elsewhere: no suite, no models, no store of one's own.

The pictures are looked at as a reference set is, so equal pictures are looked at once, and with
a store that is kept a second measurement looks at nothing.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog import registry
from evalharness.catalog.metrics import MetricChoice, parse_metric
from evalharness.core.errors import BadInputError, HarnessError
from evalharness.core.measures import Metric, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Status
from evalharness.core.tables import OutputTable, Reference, SetTable, SetValue
from evalharness.ledger.features import see_all
from evalharness.ledger.store import Store
from evalharness.metrics.intervals import mean_of_groups
from evalharness.runner.extraction import look_at
from evalharness.runner.known import Known
from evalharness.runner.look import Look, find_look
from evalharness.runner.looking import ReferenceSet, Wanted, drop_known, reference_set
from evalharness.runner.progress import display
from evalharness.runner.reference_features import AnyNumber, reference_features
from evalharness.runner.session import Session

_ANSWERED = frozenset({"output", "reference"})


@dataclass(frozen=True, slots=True)
class FolderScore:
    """A metric's value on n pictures, with a 95 % interval where an honest one is known.

    n counts the pictures that the metric has a value of. Intervals take pictures as independent:
    made from the same few prompts they are not, and the true interval is wider.
    `reference_n` is None without a reference and where it does not say. `warning` is not empty
    where there are fewer pictures than the metric asks for.
    """

    metric: str
    value: SetValue
    n: int
    reference_n: int | None
    warning: str = ""


def measure_folder(
    metric: str,
    pictures: str,
    reference: str | None = None,
    *,
    store: Path | None = None,
    any_number: bool = False,
) -> FolderScore:
    """Look at `pictures` (a folder, or as a suite's `reference`) and at the reference; measure.

    `store` keeps what was seen for the next time. Fewer pictures than the metric's minimum are
    refused, unless `any_number` asks for the biased value all the same. Raises HarnessError.
    """
    choice = _choice(metric, reference)
    assert choice.instrument is not None
    look = find_look(choice.instrument)
    sets = [_named(written) for written in (pictures, reference) if written is not None]
    arguments = {"metric": metric, "pictures": pictures, "reference": reference}
    with (
        _store(store) as opened,
        display() as shown,
        Session(opened, shown, "measure", dict(arguments)) as session,
    ):
        _look_at_missing(session, look, sets)
        session.publisher.now()
        known = session.known()
        try:
            return _measured(known, choice, look, sets, any_number)
        finally:
            known.close()


def _choice(metric: str, reference: str | None) -> MetricChoice:
    choice = parse_metric(metric)
    facts = choice.metric.facts
    if "output" not in facts.needs or not facts.needs <= _ANSWERED or not facts.applies(_PROMPT):
        raise BadInputError(
            f"{choice.name} needs more than pictures (prompts, or how they were made). Put them "
            "in a suite and use `evalharness run`."
        )
    if ("reference" in facts.needs) != (reference is not None):
        wanted = "--reference, such as folder:./photos" if reference is None else "no --reference"
        raise BadInputError(f"{choice.name}: expected {wanted}.")
    return choice


def _named(written: str) -> ReferenceSet:
    """A set of pictures or moments; a plain path is a folder."""
    whole = written if registry.is_reference(written) else f"folder:{written}"
    return reference_set(whole, Path())


@contextmanager
def _store(path: Path | None) -> Iterator[Store]:
    if path is not None:
        yield Store.create(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Store.create(folder)


def _look_at_missing(session: Session, look: Look, sets: Iterable[ReferenceSet]) -> None:
    known = session.known()
    want = Wanted(look, references={s.digest: s for s in sets if s.has_pictures})
    drop_known(want, known)
    known.close()
    if len(want):
        look_at(session, [want])
    if session.problems:
        raise HarnessError("\n".join(session.problems.values()))


def _measured(
    known: Known, choice: MetricChoice, look: Look, sets: list[ReferenceSet], any_number: bool
) -> FolderScore:
    table, d = _outputs(known, choice.metric, look, sets[0])
    if isinstance(choice.metric, OutputMetric):
        values = _values(choice.metric, table)
        return FolderScore(choice.name, _mean(values), len(values), None)
    reference = reference_features(known, look, sets[1]) if len(sets) > 1 else None
    minimum = choice.metric.minimum_n(d)
    n = None if reference is None else reference.n
    few = min(len(table), n or len(table)) < minimum
    if few and not any_number:
        raise HarnessError(
            f"{len(table)} pictures{f', {n} in the reference' if n else ''}: {choice.name} needs "
            f"at least {minimum} and is biased below. Add pictures, or use --any-number."
        )
    compared: Reference | None = reference
    if few and reference is not None:
        compared = AnyNumber(reference)
    value = choice.metric.measure(SetTable(table, np.arange(len(table)), compared))
    warning = f"fewer than the {minimum} pictures that {choice.name} needs: biased" if few else ""
    return FolderScore(choice.name, value, len(table), n, warning)


_PROMPT = Prompt(id="", text="")


def _outputs(
    known: Known, metric: Metric, look: Look, pictures: ReferenceSet
) -> tuple[OutputTable, int]:
    """The pictures as outputs without prompts, and the dimension of their features (or 0)."""
    keys = [look.key(subject) for subject in known.reference_subjects(pictures.digest)]
    if not keys:
        raise HarnessError("There are no pictures to measure: moments only.")
    seen, n = see_all(known.connection, keys, metric.facts.reads, "pictures"), len(keys)
    unknown = np.full(n, math.nan)
    table = OutputTable(
        prompts=(_PROMPT,) * n,
        seeds=np.zeros(n, np.int64),
        statuses=(Status.OK,) * n,
        duration_s=unknown,
        batch_size=unknown,
        peak_memory_bytes=unknown,
        cost=unknown,
        energy_j=unknown,
        texts=(None,) * n,
        seen={"output": seen},
    )
    return table, 0 if seen.vectors is None else int(seen.vectors.shape[1])


def _values(metric: OutputMetric, table: OutputTable) -> NDArray[np.float64]:
    """The finite values of the pictures; raises HarnessError where none has one."""
    values = metric.measure(table)
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    if not len(finite):
        raise HarnessError(f"{metric.facts.name} has nothing to say about these pictures.")
    return finite


def _mean(values: NDArray[np.float64]) -> SetValue:
    """The mean with its t interval over pictures; without one where it cannot be known."""
    return SetValue(float(values[0])) if len(values) < 2 else mean_of_groups(values, "pictures")
