"""A recommendation as a terminal table, Markdown and JSON; every string inert."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from evalharness.board.choose.recommendation import Candidate, Recommendation
from evalharness.board.choose.selftest import SelfTest
from evalharness.board.inert import markdown_text, plain_text
from evalharness.board.sheets import to_json

__all__ = ["headline", "self_test_text", "sentences", "to_json", "to_markdown", "to_rich"]

Escape = Callable[[str], str]


def to_markdown(found: Recommendation) -> str:
    """A heading with the answer, the candidates as a GitHub table, and the reasons as a list."""
    escape = markdown_text
    head, rows = _table(found)
    lines = [f"## {escape(headline(found))}", "", escape(found.why), ""]
    if rows:
        lines += [_line(head, escape), _line(["---"] * len(head), str)]
        lines += [_line(row, escape) for row in rows]
        lines.append("")
    lines += [f"- {escape(sentence)}" for sentence in sentences(found)]
    return "\n".join(lines) + "\n"


def _line(cells: list[str], escape: Escape) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"


def to_rich(found: Recommendation) -> Group:
    """The answer, a table of candidates, and the reasons below it."""
    head, rows = _table(found)
    table = Table(title=Text(plain_text(headline(found))), title_justify="left")
    for name in head:
        table.add_column(Text(plain_text(name)), justify="left" if name == "model" else "right")
    for row in rows:
        table.add_row(*(Text(plain_text(cell)) for cell in row))
    reasons = [Text(f"• {plain_text(sentence)}") for sentence in (found.why, *sentences(found))]
    return Group(*([table] if rows else [Text(plain_text(headline(found)))]), *reasons)


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


def _table(found: Recommendation) -> tuple[list[str], list[list[str]]]:
    names = list(found.candidates[0].components) if found.candidates else []
    head = ["model", "utility", "P(best)", "P(top 3)", *names, "Pareto"]
    return head, [_row(candidate, names) for candidate in found.candidates]


def _row(candidate: Candidate, names: list[str]) -> list[str]:
    return [
        candidate.title,
        f"{candidate.utility:+.2f}",
        *("–" if p is None else f"{p:.2f}" for p in (candidate.p_best, candidate.p_top3)),
        *(f"{candidate.components[name]:+.2f}" for name in names),
        "front" if candidate.pareto else "",
    ]


def sentences(found: Recommendation) -> Iterator[str]:
    """How the answer came about, one sentence a reason."""
    if found.weights:
        yield "Weights: " + ", ".join(
            f"{name} {weight:g} ({found.measured_by[name]})"
            for name, weight in found.weights.items()
        )
    yield (
        f"{found.suite} (version {found.version}): {found.prompts} prompts compared, "
        f"{found.references} references; numbers are standard deviations within prompts."
    )
    if found.not_measured:
        yield f"Not measured in this suite: {', '.join(found.not_measured)}."
    if found.verdict == "tie":
        yield _tie_break(found)
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


def _tie_break(found: Recommendation) -> str:
    if found.tie_break is None:
        return "As far as can be seen they are equal: no affordable number of prompts decides."
    return f"About {found.tie_break:,} more prompts would decide between the first two."


def self_test_text(found: SelfTest) -> str:
    """The self-test in three lines."""
    interval = "" if found.low is None else f" (95 %: {found.low:.3f} … {found.high:.3f})"
    return plain_text(
        f"{found.suite}, {found.instrument}: {found.models} models, {found.prompts} prompts, "
        f"{found.trials} trials. A model's pictures lead back to it: top-1 {found.top1:.1%} "
        f"(chance {found.chance:.1%}), MRR {found.mrr:.3f}. Regret {found.regret:.3f}, of always "
        f"the best overall {found.regret_of_best_overall:.3f}: gain {found.gain:.3f}{interval}."
    )
