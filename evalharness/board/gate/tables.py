"""A gate as sheets for a terminal and Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from evalharness.board.gate.verdict import Gate, Judgement, Outcome
from evalharness.board.numbers import between_text, number_text, p_text, size_text
from evalharness.board.sheets import Sheet

HEADLINES = {
    Outcome.PASS: "pass",
    Outcome.REGRESSION: "REGRESSION",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.BROKEN: "could not be judged",
    Outcome.NOT_GATED: "not gated",
}
_HEAD = ("model", "metric", "verdict", "before", "now", "worse by", "ε", "p", "prompts", "")
_SHOWN_CHANGES = 12


def headline(gate: Gate) -> str:
    """`Gate of tinyworld: REGRESSION (1 regression, 5 pass, 2 not gated)`."""
    counts = ", ".join(f"{n} {o}" for o in Outcome if (n := gate.count(o)))
    return f"Gate of {gate.suite}: {HEADLINES[gate.outcome]} ({counts or 'nothing was judged'})"


def sheets(gate: Gate) -> list[Sheet]:
    """The verdicts, how to read them, and what differs in the subject."""
    found = [
        Sheet(
            headline(gate),
            _HEAD,
            tuple(_row(test) for test in gate.judgements),
            tuple(_sentences(gate)),
        )
    ]
    changed = [
        (model.model, change.what, change.name, change.before, change.after)
        for model in gate.models
        for change in model.changes
    ]
    if changed:
        more = len(changed) - _SHOWN_CHANGES
        found.append(
            Sheet(
                "What is not as it was",
                ("model", "of its", "name", "before", "now"),
                tuple(changed[:_SHOWN_CHANGES]),
                (f"{more} more in the JSON.",) if more > 0 else (),
            )
        )
    return found


def _row(test: Judgement) -> tuple[str, ...]:
    return (
        test.model,
        test.metric,
        HEADLINES[test.outcome],
        number_text(test.baseline),
        number_text(test.fresh),
        worse_text(test),
        size_text(test.epsilon),
        p_text(test.p),
        str(test.prompts) if test.sampled == "prompts" else f"{test.prompts} {test.sampled}",
        remark(test),
    )


def worse_text(test: Judgement) -> str:
    """`+0.31 [+0.12, +0.50]`: how much worse, with both one-sided bounds."""
    return between_text(test.worse, test.low, test.high)


def remark(test: Judgement) -> str:
    """What is to be known of a verdict in a few words; empty where it speaks for itself."""
    if test.reason:
        return test.reason
    if test.outcome is Outcome.INCONCLUSIVE:
        if test.needed is None:
            return f"too little to say how many {test.sampled} would decide"
        return f"{test.needed:,} {test.sampled} would decide"
    if test.outcome is Outcome.PASS and test.low is not None and test.low > 0:
        return "worse, but by less than ε"
    return ""


def _sentences(gate: Gate) -> Iterator[str]:
    seeds = "seed" if gate.seeds == 1 else "seeds"
    yield (
        f"Against {gate.against}: {gate.prompts} prompts × {gate.seeds} {seeds}, paired by prompt; "
        f"bounds are one-sided {gate.confidence:.0%}, positive is worse. Pass: the upper bound is "
        "below ε. Regression: it is not, and p (after Holm over all tests) is below 0.05."
    )
    if not gate.models:
        yield "No model was judged, so this is no pass."
    for name, why in gate.problems.items():
        yield f"{name} could not be judged: {why}"
    for model in gate.models:
        if model.identical:
            yield (
                f"{model.model}: {model.identical} of {model.compared} outputs are identical, "
                "byte for byte."
            )
