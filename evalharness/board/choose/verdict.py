"""How sure the answer is: a choice, a tie (and what would break it), or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evalharness.board.choose.agreement import FEW_REFERENCES
from evalharness.board.choose.components import Component
from evalharness.board.choose.limits import Rejected
from evalharness.board.choose.recommendation import TieBreak, Verdict
from evalharness.board.choose.seen import Seen
from evalharness.board.choose.utility import Utility, utility
from evalharness.core.brief import Brief

SURE = 0.8
"""P(best) from which one model is named."""
FEW_PROMPTS = 10
"""Below this many, resampling says too little of how other prompts would have chosen: of models
without any difference, 4 prompts would name one as sure three times in ten."""
SEPARATED = 2.8
"""Standard errors at which a difference is found with 80 % probability (two-sided, 95 %)."""
SMALLEST_TIE_BREAK, LARGEST_TIE_BREAK = 20, 10_000


def judge(
    brief: Brief,
    seen: Seen,
    used: Mapping[str, Component],
    found: Utility,
    order: Sequence[int],
    rejected: Sequence[Rejected],
    set_aside: Mapping[str, str],
) -> tuple[Verdict, str]:
    """The verdict on candidates in the `order` of their utility, and why."""
    if not order:
        return "abstained", _nobody(rejected, set_aside)
    if why := _abstention(brief, seen, used):
        return "abstained", why
    for number, few, what in (
        (seen.references or FEW_REFERENCES, FEW_REFERENCES, "references"),
        (seen.prompts_compared, FEW_PROMPTS, "prompts"),
    ):
        if number < few and len(order) > 1:
            return "low confidence", (
                f"{number} {what} are too few to say how sure this is; give at least {few}."
            )
    if len(order) == 1:
        return "choice", "It is the only candidate."
    share = float(found.shares(order)[0])
    if share < SURE:
        return "tie", f"No model is best with a probability of {SURE:.0%} (P(best) = {share:.2f})."
    return "choice", f"P(best) = {share:.2f}."


def _nobody(rejected: Sequence[Rejected], set_aside: Mapping[str, str]) -> str:
    if set_aside:
        name, reason = next(iter(set_aside.items()))
        return (
            f"{len(set_aside)} models keep to the limits, but none has everything that the brief "
            f"gives weight to ({name}: {reason}). Finish or score the run, or give that no weight."
        )
    nearest = next((one for one in rejected if one.nearest), None)
    miss = "" if nearest is None else f" The nearest miss is {nearest.model}."
    return f"No model keeps to the limits.{miss}"


def _abstention(brief: Brief, seen: Seen, used: Mapping[str, Component]) -> str:
    """Why no model can be named; empty where one can."""
    if not brief.words and not brief.references:
        return "The brief has neither words nor reference pictures."
    if not used:
        return "The models do not differ in anything that the brief gives weight to."
    found = seen.agreement
    if "style" in used and found is not None and found.among >= found.between:
        return (
            f"The references disagree: they lie {found.among:.2g} or more from their mean, and "
            f"half way from one model's look to another's is {found.between:.2g}. Keep those that "
            "show one look."
        )
    return ""


def tied_models(order: Sequence[int], shares: Mapping[int, float]) -> list[int]:
    """The fewest models whose P(best) add up to SURE, the first by utility among them."""
    found: list[int] = [order[0]]
    for place in sorted(order[1:], key=lambda i: -shares[i]):
        if sum(shares[i] for i in found) >= SURE and len(found) > 1:
            break
        found.append(place)
    return found


def tie_break(
    used: Mapping[str, Component],
    weights: Mapping[str, float],
    found: Utility,
    tied: Sequence[int],
    seen: Seen,
) -> TieBreak:
    """What would separate the first two of a tie at the difference seen so far.

    The variance of their difference is told apart into what prompts add (references held as they
    are) and the rest, which references add. More of one leaves the other's part as it is.
    """
    first, second = tied[:2]
    effect = float(found.values[first] - found.values[second])
    whole = found.spread(first, second) ** 2
    by_prompts = min(utility(used, weights, references=False).spread(first, second) ** 2, whole)
    allowed = (effect / SEPARATED) ** 2
    return TieBreak(
        _more(by_prompts, whole - by_prompts, allowed, seen.prompts_compared),
        _more(whole - by_prompts, by_prompts, allowed, seen.references),
    )


def _more(part: float, rest: float, allowed: float, n: int) -> int | None:
    """How many more than `n` bring part · n / (n + more) + rest down to what is allowed."""
    if n == 0 or part <= 0 or rest >= allowed or part * n > LARGEST_TIE_BREAK * (allowed - rest):
        return None
    return max(int(np.ceil(part * n / (allowed - rest))) - n, SMALLEST_TIE_BREAK)
