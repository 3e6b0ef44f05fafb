"""`choose`: the model that fits a brief, out of those that answered a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.components import Component
from evalharness.board.choose.limits import Rejected, reject
from evalharness.board.choose.reasons import contributions, flips, nearest_pictures, pareto
from evalharness.board.choose.recommendation import Candidate, Recommendation
from evalharness.board.choose.seen import Seen, see
from evalharness.board.choose.utility import Utility, utility
from evalharness.board.choose.verdict import judge, tie_break, tied_models
from evalharness.board.facts import Facts, facts
from evalharness.board.selection import Selection, select
from evalharness.board.suites import SuiteEntry, find_suite
from evalharness.core.errors import BadInputError, unknown_name

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.brief import Brief, ReferenceFeatures


@dataclass(frozen=True, slots=True)
class _Field:
    """Everything the answer is made of; places are indices into the selection's variants."""

    brief: Brief
    entry: SuiteEntry
    selection: Selection
    seen: Seen
    weights: Mapping[str, float]
    components: Mapping[str, Component]
    facts: Sequence[Facts]
    rejected: Mapping[int, Rejected]
    admitted: Sequence[int]
    set_aside: Mapping[str, str]
    utility: Utility

    @property
    def models(self) -> list[str]:
        return [variant.model for variant in self.selection.variants]


def choose(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    brief: Brief,
    references: ReferenceFeatures,
) -> Recommendation:
    """Answer a brief from a suite's published results.

    Hard limits first; then the utility of all models of the suite, of which those within the
    limits (and among `brief.models`) are ranked. Raises UnknownNameError for a suite or model that
    is not there, BadInputError where nothing can be compared: fewer than two models in the suite,
    no pictures seen, no prompt that all candidates answered.
    """
    entry = find_suite(connection, suite)
    selection = select(connection, entry.digest)
    models = [variant.model for variant in selection.variants]
    for name in brief.models:
        if name not in models:
            raise unknown_name("model in this suite", name, models)
    if len(models) < 2:
        raise BadInputError(
            f"The suite {entry.suite} has answers of {len(models)} model; a choice needs at least "
            f"two. Run another one: evalharness run {entry.suite} --models NAME"
        )
    seen = see(connection, entry, selection, references)
    field = _compete(connection, brief, entry, selection, seen)
    return _answer(field)


def _compete(
    connection: duckdb.DuckDBPyConnection,
    brief: Brief,
    entry: SuiteEntry,
    selection: Selection,
    seen: Seen,
) -> _Field:
    weights = {name: float(weight) for name, weight in asdict(brief.weights).items()}
    used = {name: one for name, one in seen.components.items() if weights[name] > 0}
    models = [variant.model for variant in selection.variants]
    measured = facts(connection, selection)
    asked = [i for i, name in enumerate(models) if not brief.models or name in brief.models]
    rejected, within = reject(
        [models[i] for i in asked], [measured[i] for i in asked], brief.limits
    )
    lacking = {
        i: [name for name, one in used.items() if not np.isfinite(one.means[i])]
        for i in range(len(models))
    }
    admitted = [asked[i] for i in within if not lacking[asked[i]]]
    return _Field(
        brief=brief,
        entry=entry,
        selection=selection,
        seen=seen,
        weights=weights,
        components=used,
        facts=measured,
        rejected={asked[i]: one for i, one in rejected.items()},
        admitted=admitted,
        set_aside={
            models[asked[i]]: f"nothing to compare in {', '.join(lacking[asked[i]])}"
            for i in within
            if lacking[asked[i]]
        },
        utility=_utility(used, weights, len(models)),
    )


def _utility(used: Mapping[str, Component], weights: Mapping[str, float], models: int) -> Utility:
    return utility(used, weights) if used else Utility(np.zeros(models), np.zeros((1, models)))


def _answer(field: _Field) -> Recommendation:
    order = field.utility.best_of(field.admitted)
    _refuse_nothing_in_common(field, order)
    verdict, why = judge(
        field.brief,
        field.seen,
        field.components,
        field.utility,
        order,
        tuple(field.rejected.values()),
        field.set_aside,
    )
    odds = verdict in ("choice", "tie")
    shares = dict(zip(order, field.utility.shares(order), strict=True)) if odds else {}
    top3 = dict(zip(order, field.utility.shares(order, 3), strict=True)) if odds else {}
    tied = tied_models(order, shares) if verdict == "tie" else []
    models = field.models
    named = order[0] if order and verdict != "abstained" else None
    rival = order[1] if named is not None and len(order) > 1 else None
    return Recommendation(
        suite=field.entry.suite,
        version=field.entry.version,
        prompts=field.seen.prompts_compared,
        references=field.seen.references,
        copies=field.seen.copies,
        verdict=verdict,
        why=why,
        best="" if named is None else models[named],
        tied=tuple(models[i] for i in tied),
        tie_break=tie_break(field.components, field.weights, field.utility, tied, field.seen)
        if tied
        else None,
        candidates=_candidates(field, order, shares, top3),
        rejected=tuple(field.rejected.values()),
        set_aside=field.set_aside,
        weights={name: field.weights[name] for name in field.components},
        measured_by={name: one.measured_by for name, one in field.components.items()},
        not_measured=field.seen.not_measured,
        contributions=()
        if named is None or rival is None
        else contributions(field.components, field.weights, named, rival),
        nearest=()
        if named is None or rival is None
        else nearest_pictures(*field.seen.for_reasons, named, rival, field.seen.prompts),
        flips=()
        if named is None
        else flips(
            field.components,
            field.weights,
            field.utility.values,
            named,
            field.admitted,
            field.rejected,
            models,
        ),
    )


def _refuse_nothing_in_common(field: _Field, order: Sequence[int]) -> None:
    for name, one in field.components.items():
        if len(order) > 1 and not np.isfinite(one.values[order]).all(axis=0).any():
            raise BadInputError(
                f"No prompt of {field.entry.suite} was answered by all {len(order)} candidates "
                f"(and seen for {name}), so that they cannot be compared. Finish the run, or name "
                "fewer with --models."
            )


def _candidates(
    field: _Field,
    order: Sequence[int],
    shares: Mapping[int, float],
    top3: Mapping[int, float],
) -> tuple[Candidate, ...]:
    names = [n for n, one in field.seen.components.items() if np.isfinite(one.means[order]).all()]
    means: NDArray[np.float64] = np.array(
        [[field.seen.components[name].means[i] for name in names] for i in order]
    ).reshape(len(order), len(names))
    front = pareto(means)
    found = []
    for row, i in enumerate(order):
        variant = field.selection.variants[i]
        drawn = np.quantile(field.utility.draws[:, i], (0.025, 0.975))
        low, high = (float(drawn[0]), float(drawn[1])) if shares else (None, None)
        found.append(
            Candidate(
                model=variant.model,
                title=variant.title,
                utility=float(field.utility.values[i]),
                low=low,
                high=high,
                p_best=float(shares[i]) if shares else None,
                p_top3=float(top3[i]) if top3 else None,
                components=dict(zip(names, map(float, means[row]), strict=True)),
                facts=field.facts[i],
                pareto=bool(front[row]),
            )
        )
    return tuple(found)
