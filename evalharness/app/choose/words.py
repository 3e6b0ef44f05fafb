"""An answer in sentences, as somebody would say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalharness.board.choose.recommendation import Contribution, Flip, Recommendation

Titles = Mapping[str, str]


def verdict(found: Recommendation, titles: Titles) -> str:
    """The answer in one line."""
    match found.verdict:
        case "choice":
            return f"{titles[found.best]} fits best"
        case "tie":
            names = [titles[model] for model in found.tied]
            return f"A tie between {_listed(names)}"
        case "low confidence":
            return f"Probably {titles[found.best]}, on thin evidence"
    return "No answer to this brief"


def sureness(found: Recommendation) -> str:
    """How sure the answer is, and why it is no surer."""
    if found.verdict != "choice":
        return found.why
    chance = found.candidates[0].p_best or 0.0
    return (
        f"It is the best with a probability of {percent(chance)}, with prompts"
        f"{' and references' if found.references else ''} drawn anew."
    )


def percent(share: float) -> str:
    """A probability as nobody can misread it: never 0 or 100 %."""
    if share > 0.99:
        return "> 99 %"
    return "< 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def signed(value: float) -> str:
    """A number of a utility, with its sign."""
    return f"{value:+.2f}".replace("-", "−")


def evidence(found: Recommendation) -> str:
    """What the answer rests on."""
    parts = [f"{found.prompts:,} prompts of {found.suite}"]
    if found.references:
        parts.append(f"{found.references} reference pictures")
    if found.copies:
        parts.append(f"{found.copies} copies of them left out")
    if found.not_measured:
        parts.append(f"not measured here: {', '.join(found.not_measured)}")
    return " · ".join(parts)


def separates(found: Recommendation, titles: Titles) -> str:
    """What puts the first before the second; empty where there are no two."""
    if not found.contributions or len(found.candidates) < 2:
        return ""
    rival = next(c.model for c in found.candidates if c.model != found.best)
    ahead = [_part(one) for one in found.contributions if one.difference > 0.005]
    behind = [_part(one) for one in found.contributions if one.difference < -0.005]
    said = f"{titles[found.best]} is ahead of {titles[rival]} by {_listed(ahead)}" if ahead else ""
    if behind:
        said += f"{'; it is' if said else f'{titles[found.best]} is'} behind by {_listed(behind)}"
    return f"{said}." if said else f"Nothing separates {titles[found.best]} from {titles[rival]}."


def _part(one: Contribution) -> str:
    return f"{one.component} ({signed(one.difference)})"


def flip(one: Flip, titles: Titles) -> str:
    """What would change the answer."""
    name = titles.get(one.model, one.model)
    if one.value is None:
        return f"Without the {one.what}, {name} would be best."
    return f"With a {one.what} of {one.value:.2f} instead of {one.now:g}, {name} would be best."


def rejections(found: Recommendation, titles: Titles) -> Iterator[tuple[str, str]]:
    """Every model that is out of the running, and why; the nearest miss first."""
    for model in sorted(found.rejected, key=lambda one: not one.nearest):
        broken = "; ".join(
            f"{one.limit} is {one.found}, asked {one.asked}" for one in model.violations
        )
        near = " (the nearest miss)" if model.nearest and len(found.rejected) > 1 else ""
        yield titles.get(model.model, model.model), f"{broken}{near}"
    for model_name, reason in found.set_aside.items():
        yield titles.get(model_name, model_name), reason


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
