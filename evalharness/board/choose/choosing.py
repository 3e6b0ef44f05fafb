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
from evalharness.board.choose.recommendation import Candidate, Recommendation, Verdict
from evalharness.board.choose.seen import Seen, see
from evalharness.board.choose.utility import Utility, utility
from evalharness.board.facts import Facts, facts
from evalharness.board.paired import prompts_needed
from evalharness.board.selection import Selection, select
from evalharness.board.suites import SuiteEntry, find_suite
from evalharness.core.errors import BadInputError, unknown_name

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.brief import Brief, ReferenceFeatures

SURE = 0.8
"""P(best) from which one model is named."""
FEW_REFERENCES = 5
"""Below this many, resampling references says nothing of how others would have chosen."""
SMALLEST_TIE_BREAK, LARGEST_TIE_BREAK = 20, 10_000


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
    verdict, why = _verdict(field, order)
    odds = verdict in ("choice", "tie")
    shares = dict(zip(order, field.utility.shares(order), strict=True)) if odds else {}
    top3 = dict(zip(order, field.utility.shares(order, 3), strict=True)) if odds else {}
    tied = _tied(order, shares) if verdict == "tie" else []
    models = field.models
    named = order[0] if order and verdict != "abstained" else None
    rival = order[1] if named is not None and len(order) > 1 else None
    return Recommendation(
        suite=field.entry.suite,
        version=field.entry.version,
        prompts=field.seen.prompts_compared,
        references=field.seen.references,
        verdict=verdict,
        why=why,
        best="" if named is None else models[named],
        tied=tuple(models[i] for i in tied),
        tie_break=_tie_break(field, tied) if tied else None,
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


def _verdict(field: _Field, order: Sequence[int]) -> tuple[Verdict, str]:
    if why := _abstention(field, order):
        return "abstained", why
    references = field.seen.references
    if 0 < references < FEW_REFERENCES:
        return "low confidence", (
            f"{references} references are too few to say how sure this is; give at least "
            f"{FEW_REFERENCES}."
        )
    if len(order) == 1:
        return "choice", "It is the only candidate."
    share = float(field.utility.shares(order)[0])
    if share < SURE:
        return "tie", f"No model is best with a probability of {SURE:.0%} (P(best) = {share:.2f})."
    return "choice", f"P(best) = {share:.2f}."


def _abstention(field: _Field, order: Sequence[int]) -> str:
    """Why no model can be named; empty where one can."""
    if not order:
        nearest = next((r for r in field.rejected.values() if r.nearest), None)
        miss = "" if nearest is None else f" The nearest miss is {nearest.model}."
        return f"No model keeps to the limits.{miss}"
    if not field.brief.words and not field.brief.references:
        return "The brief has neither words nor reference pictures."
    if not field.components:
        return "The models do not differ in anything that the brief gives weight to."
    found = field.seen.agreement
    if "style" in field.components and found is not None and found.among >= found.between:
        return (
            f"The references disagree: they lie {found.among:.2g} or more from their mean, and "
            f"half way from one model's look to another's is {found.between:.2g}. Keep those that "
            "show one look."
        )
    return ""


def _tied(order: Sequence[int], shares: Mapping[int, float]) -> list[int]:
    """The fewest models whose P(best) add up to SURE, the first by utility among them."""
    found: list[int] = [order[0]]
    for place in sorted(order[1:], key=lambda i: -shares[i]):
        if sum(shares[i] for i in found) >= SURE and len(found) > 1:
            break
        found.append(place)
    return found


def _tie_break(field: _Field, tied: Sequence[int]) -> int | None:
    """How many more prompts would separate the first two, at the difference seen so far."""
    first, second = tied[:2]
    effect = float(field.utility.values[first] - field.utility.values[second])
    drawn = field.utility.draws[:, first] - field.utility.draws[:, second]
    prompts = field.seen.prompts_compared
    spread = float(drawn.std(ddof=1)) * np.sqrt(prompts)
    if effect <= 0 or spread / effect > np.sqrt(LARGEST_TIE_BREAK) / 2.8:
        return None
    return max(prompts_needed(spread, effect) - prompts, SMALLEST_TIE_BREAK)


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
