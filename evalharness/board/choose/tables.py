"""A recommendation as a sheet, for a terminal and Markdown, and a self-test as text."""

from __future__ import annotations

from collections.abc import Iterator

from evalharness.board.choose.recommendation import Candidate, Recommendation, TieBreak
from evalharness.board.choose.selftest import SelfTest
from evalharness.board.inert import plain_text
from evalharness.board.sheets import Sheet


def sheets(found: Recommendation) -> list[Sheet]:
    """The answer as heading, the candidates in its table, and the reasons below."""
    names = list(found.candidates[0].components) if found.candidates else []
    return [
        Sheet(
            headline(found),
            ("model", "utility", "P(best)", "P(top 3)", *names, "Pareto"),
            tuple(_row(candidate, names) for candidate in found.candidates),
            (found.why, *sentences(found)),
        )
    ]


def headline(found: Recommendation) -> str:
    """The answer in a few words: `tiny-photo`, `tie: A, B`, or that there is none."""
    match found.verdict:
        case "choice":
            return f"Best for the brief: {found.best}"
        case "tie":
            return f"tie: {', '.join(found.tied)}"
        case "low confidence":
            return f"Low confidence: {found.best}"
    return "No recommendation"


def _row(candidate: Candidate, names: list[str]) -> tuple[str, ...]:
    return (
        candidate.title,
        f"{candidate.utility:+.2f}",
        *("–" if p is None else f"{p:.2f}" for p in (candidate.p_best, candidate.p_top3)),
        *(f"{candidate.components[name]:+.2f}" for name in names),
        "front" if candidate.pareto else "",
    )


def sentences(found: Recommendation) -> Iterator[str]:
    """How the answer came about, one sentence a reason."""
    if found.weights:
        yield "Weights: " + ", ".join(
            f"{name} {weight:g} ({found.measured_by[name]})"
            for name, weight in found.weights.items()
        )
    yield (
        f"{found.suite} (version {found.version}): {found.prompts} prompts compared, "
        f"{found.references} references; style is minus the distance from them (1: as models "
        "are apart), latency in doublings of speed, the rest in standard deviations within prompts."
    )
    if found.copies:
        yield f"{found.copies} more references are copies of these and count once."
    if found.not_measured:
        yield f"Not measured in this suite: {', '.join(found.not_measured)}."
    if found.tie_break is not None:
        yield tie_break_text(found.tie_break)
    if found.contributions:
        other = next(c.model for c in found.candidates if c.model != found.best)
        parts = ", ".join(f"{c.component} {c.difference:+.2f}" for c in found.contributions)
        yield f"{found.best} against {other}: {parts}."
    for near in found.nearest:
        yield (
            f"On {near.text!r}: fit to {near.reference} {near.best_fit:.2f} "
            f"({near.best_sha256[:12]}) against {near.other_fit:.2f} ({near.other_sha256[:12]})."
        )
    for flip in found.flips:
        if flip.value is None:
            yield f"Without the {flip.what}, {flip.model} would be the best."
        else:
            yield f"With a {flip.what} of {flip.value:.2g} (now {flip.now:g}): {flip.model}."
    for model in found.rejected:
        broken = "; ".join(f"{v.limit} {v.found}, asked {v.asked}" for v in model.violations)
        yield f"Rejected{' (nearest miss)' * model.nearest}: {model.model}: {broken}."
    for name, reason in found.set_aside.items():
        yield f"Set aside: {name}: {reason}."


def tie_break_text(found: TieBreak) -> str:
    """What would decide between the first two."""
    ways = [
        f"{number:,} more {what}"
        for number, what in ((found.prompts, "prompts"), (found.references, "references"))
        if number is not None
    ]
    if not ways:
        return "As far as can be seen they are equal: no affordable number of prompts decides."
    return f"About {' or '.join(ways)} would decide between the first two."


def self_test_text(found: SelfTest) -> str:
    """The self-test in three lines."""
    interval = "" if found.low is None else f" (95 %: {found.low:.3f} … {found.high:.3f})"
    return plain_text(
        f"{found.suite}, {found.instrument}: {found.models} models, {found.prompts} prompts, "
        f"{found.trials} trials. A model's pictures lead back to it: top-1 {found.top1:.1%} "
        f"(chance {found.chance:.1%}), MRR {found.mrr:.3f}. Regret {found.regret:.3f}, of always "
        f"the best overall {found.regret_of_best_overall:.3f}: gain {found.gain:.3f}{interval}."
    )
