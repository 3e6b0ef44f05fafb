"""The candidates of an answer as the page draws them: bars, parts, pictures, a front."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evalharness.app import links
from evalharness.app.choose.words import percent, signed
from evalharness.app.fronts import Point
from evalharness.app.pieces import Payload
from evalharness.app.routes import picture_url, thumbnail_url
from evalharness.board.choose.recommendation import Candidate, Recommendation
from evalharness.core.nouns import Json

COSTS = {
    "latency_p95_s": "p95 latency (s)",
    "peak_memory_gib": "peak memory (GiB)",
    "cost_per_1000": "cost (US$ per 1,000)",
}
"""What a model costs, by the names of its facts."""


def payload(found: Recommendation, suite: str) -> Payload:
    """What `pieces.candidate_bars` draws; `suite` is the suite's name in the address."""
    components = list(found.weights)
    rows = [_row(found, one, suite) for one in found.candidates]
    ends = [0.0]
    for candidate in found.candidates:
        parts = _parts(found, candidate)
        ends += [sum(p for p in parts.values() if p > 0), sum(p for p in parts.values() if p < 0)]
        ends += [end for end in (candidate.low, candidate.high) if end is not None]
    shown: list[Json] = [
        {"name": name, "by": found.measured_by[name], "weight": f"{found.weights[name]:g}"}
        for name in components
    ]
    return {
        "caption": "Candidates by utility, with what it is made of",
        "components": shown,
        "rows": list[Json](rows),
        "low": min(ends),
        "high": max(ends),
        "odds": any(one.p_best is not None for one in found.candidates),
    }


def _parts(found: Recommendation, one: Candidate) -> dict[str, float]:
    """Weight × component: what the utility is the sum of."""
    return {name: weight * one.components.get(name, 0.0) for name, weight in found.weights.items()}


def _row(found: Recommendation, one: Candidate, suite: str) -> Json:
    facts = one.facts
    told = [
        "" if facts.latency_p95_s is None else f"{facts.latency_p95_s:.3g} s",
        "" if facts.peak_memory_gib is None else f"{facts.peak_memory_gib:.3g} GiB",
        "" if facts.cost_per_1000 is None else f"US$ {facts.cost_per_1000:.3g} per 1,000",
        facts.licence or "licence unknown",
    ]
    parts: list[Json] = [
        {"name": name, "value": value, "text": f"{name} {signed(value)}"}
        for name, value in _parts(found, one).items()
    ]
    return {
        "model": one.model,
        "title": one.title,
        "link": links.target("model", suite, {"model": one.model}),
        "facts": " · ".join(part for part in told if part),
        "utility": one.utility,
        "text": signed(one.utility),
        "low": one.low,
        "high": one.high,
        "range": ""
        if one.low is None or one.high is None
        else f"{signed(one.low)} … {signed(one.high)}",
        "chance": one.p_best,
        "odds": "" if one.p_best is None else percent(one.p_best),
        "best": one.model == found.best or one.model in found.tied,
        "front": one.pareto,
        "parts": parts,
    }


def evidence(
    found: Recommendation,
    titles: Mapping[str, str],
    references: Mapping[str, str],
    flagged: Collection[str] = (),
) -> Payload:
    """What `pieces.evidence` draws: by prompt the reference if there is one, the best's
    picture, the runner-up's.

    `references` gives the sha256 of each reference by its name in the answer, `flagged` those of
    pictures that stay hidden until somebody asks for them.
    """
    rival = next((one.model for one in found.candidates if one.model != found.best), "")
    rows: list[Json] = []
    for near in found.nearest:
        sha256 = references.get(near.reference)
        rows.append(
            {
                "prompt": near.text,
                "asked": _picture(sha256, "The nearest reference", "") if sha256 else None,
                "best": _answer(near.best_sha256, titles[found.best], near.best_fit, flagged),
                "other": _answer(near.other_sha256, titles[rival], near.other_fit, flagged),
            }
        )
    return {
        "rows": rows,
        "asked": "The nearest reference" if references else "",
        "best": titles.get(found.best, found.best),
        "other": titles.get(rival, rival),
    }


def _answer(sha256: str, whose: str, fit: float, flagged: Collection[str]) -> Json:
    return {**_picture(sha256, whose, f"{fit:.2f}"), "flagged": sha256 in flagged}


def _picture(sha256: str, whose: str, fit: str) -> dict[str, Json]:
    return {
        "thumb": thumbnail_url(sha256),
        "address": picture_url(sha256),
        "alt": f"{whose}: picture",
        "fit": f"fit {fit}" if fit else "",
    }


def frame(found: Recommendation) -> pd.DataFrame:
    """The candidates as a table, in the order of their utility; strings as stored."""
    return pd.DataFrame(
        [
            {
                "model": one.model,
                "title": one.title,
                "utility": one.utility,
                "utility.low": one.low,
                "utility.high": one.high,
                "p_best": one.p_best,
                "p_top3": one.p_top3,
                **one.components,
                "pareto": one.pareto,
                "latency_p95_s": one.facts.latency_p95_s,
                "peak_memory_gib": one.facts.peak_memory_gib,
                "cost_per_1000": one.facts.cost_per_1000,
                "licence": one.facts.licence,
            }
            for one in found.candidates
        ]
    )


def measured_costs(found: Recommendation) -> list[str]:
    """The costs that at least two candidates have a number for."""
    return [
        name
        for name in COSTS
        if sum(getattr(one.facts, name) is not None for one in found.candidates) > 1
    ]


def fit_of(found: Recommendation, one: Candidate) -> float:
    """A candidate's utility without what it is worth to be fast."""
    return sum(value for name, value in _parts(found, one).items() if name != "latency")


def points(found: Recommendation, cost: str, suite: str) -> list[Point]:
    """The candidates with a cost, as `fronts.front_payload` takes them."""
    return [
        Point(
            title=one.title,
            worth=fit_of(found, one),
            cost=price,
            low=None,
            high=None,
            said=f"{one.title}: fit {signed(fit_of(found, one))}, {COSTS[cost]} {price:.3g}",
            link=links.target("model", suite, {"model": one.model}),
        )
        for one in found.candidates
        if (price := getattr(one.facts, cost)) is not None
    ]
