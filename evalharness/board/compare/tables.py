"""A comparison as sheets, for a terminal, Markdown and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from evalharness.board.compare.comparison import (
    Comparison,
    Differing,
    PromptApart,
    SideFacts,
    SliceDifference,
)
from evalharness.board.numbers import (
    difference_text,
    header_text,
    number_text,
    p_text,
    signed_text,
    size_text,
    value_text,
)
from evalharness.board.paired import PairedDifference
from evalharness.board.separated import Better
from evalharness.board.sheets import Sheet
from evalharness.board.slices import FEWEST_OF_A_SLICE

MOST_SLICES = 12
"""Slices shown, the surest first; JSON has all."""


def sheets(found: Comparison, *, apart: bool = True) -> list[Sheet]:
    """The comparison, section by section; `apart` with the prompts that differ most."""
    made = [_head(found), *number_sheets(found)]
    return [*made, *(_apart(found) if apart else ()), *_differing(found)]


def number_sheets(found: Comparison) -> list[Sheet]:
    """Metrics on outputs, metrics on sets, and slices."""
    return [*_metrics(found), *_sets(found), *_slices(found)]


def headline(found: Comparison) -> str:
    """`tiny-photo against tiny-base: Tiny world (version 1), style = none`."""
    where = "".join(f", {tag} = {value}" for tag, value in found.slice.items())
    sides = f"{found.second.label} against {found.first.label}"
    return f"{sides}: {found.title or found.suite} (version {found.version}){where}"


def _head(found: Comparison) -> Sheet:
    return Sheet(
        headline(found),
        ("", "model", "outputs", "licence", "runs"),
        tuple(
            (
                side.label,
                side.title,
                _statuses(side),
                side.licence or "not stated",
                ", ".join(side.runs) or "–",
            )
            for side in (found.first, found.second)
        ),
        found.notes,
    )


def _statuses(side: SideFacts) -> str:
    told = [f"{status} {count}" for status, count in side.statuses.items()]
    return " · ".join(told) or "none"


def _metrics(found: Comparison) -> Iterator[Sheet]:
    if not found.metrics:
        return
    first, second = found.first.label, found.second.label
    rows = []
    for one in found.metrics:
        verdict = _verdict(one.better, first, second)
        lacking = sum(one.missing)
        rows.append(
            (
                header_text(one.column),
                number_text(one.first),
                number_text(one.second),
                difference_text(one.paired),
                p_text(one.paired.p),
                p_text(one.adjusted),
                size_text(one.paired.detectable),
                str(one.paired.prompts) + (f" ({lacking} outputs missing)" if lacking else ""),
                verdict or one.reason or "not separated",
            )
        )
    head = (
        "metric", first, second, "difference", "p", "p (Holm)", "detectable", "prompts", "reading"
    )  # fmt: skip
    yield Sheet(
        "Metrics on outputs",
        head,
        tuple(rows),
        (
            f"Means over common prompts; difference = {second} − {first} with its 95 % interval, "
            "prompt by prompt. A true difference of the size under “detectable” is found with 80 % "
            "power by so many prompts. Sides are separated where p after Holm is below 0.05.",
        ),
        differences=tuple(one.paired for one in found.metrics),
    )


def _verdict(better: Better, first: str, second: str) -> str:
    return {"first": f"{first} better", "second": f"{second} better", "": ""}[better]


def _sets(found: Comparison) -> Iterator[Sheet]:
    if not found.sets:
        return
    first, second = found.first.label, found.second.label
    unknown = PairedDifference(None, None, None, None, 0, None, None)
    pairs = [one.paired or unknown for one in found.sets]
    yield Sheet(
        "Metrics on sets",
        (
            "metric", first, second, "difference", "p", "p (Holm)", "detectable", "prompts",
            "reading",
        ),
        tuple(
            (
                header_text(one.column),
                value_text(one.first),
                value_text(one.second),
                difference_text(pair),
                p_text(pair.p),
                p_text(one.adjusted),
                size_text(pair.detectable),
                str(pair.prompts) if pair.prompts else "–",
                _verdict(one.better, first, second) or one.reason or "not separated",
            )
            for one, pair in zip(found.sets, pairs, strict=True)
        ),
        (
            "Differences on the prompts and seeds that both answered, by what each prompt adds to "
            "the metric; where there is a reference, given that as it is.",
        ),
        differences=tuple(pairs),
    )  # fmt: skip


def _slices(found: Comparison) -> Iterator[Sheet]:
    """The surest slices; which side is better stands beside each."""
    if not found.slices:
        return
    first, second = found.first.label, found.second.label

    def sure(one: SliceDifference) -> float:
        return 1.0 if one.paired.p is None else one.paired.p

    shown = sorted(found.slices, key=sure)[:MOST_SLICES]
    separated = sum(bool(one.better) for one in found.slices)
    yield Sheet(
        "Slices",
        ("slice", "metric", "difference", "p", "p (BH)", "detectable", "prompts", "reading"),
        tuple(
            (
                f"{one.tag} = {one.value}",
                one.metric,
                difference_text(one.paired),
                p_text(one.paired.p),
                p_text(one.adjusted),
                size_text(one.paired.detectable),
                str(one.paired.prompts),
                _verdict(one.better, first, second) or "not separated",
            )
            for one in shown
        ),
        (
            f"The {len(shown)} surest of {len(found.slices)} slices × metrics; {separated} "
            "separated after Benjamini and Hochberg (5 % of them wrong on average). Slices of "
            f"fewer than {FEWEST_OF_A_SLICE} common prompts are left out.",
        ),
        differences=tuple(one.paired for one in shown),
    )


def _apart(found: Comparison) -> Iterator[Sheet]:
    if found.apart is None:
        return
    first, second = found.first.label, found.second.label
    for name, prompts in ((first, found.apart.for_first), (second, found.apart.for_second)):
        if prompts:
            yield Sheet(
                f"Most in favour of {name}, by {found.apart.metric}",
                ("text", "prompt", first, second, "difference"),
                tuple(_prompt(one, found.apart.metric) for one in prompts),
            )


def _prompt(one: PromptApart, metric: str) -> tuple[str, ...]:
    means = []
    for outputs in (one.first, one.second):
        values = [o.scores[metric] for o in outputs if metric in o.scores]
        means.append(number_text(fmean(values) if values else None))
    return one.text, one.prompt_id, *means, signed_text(one.difference)


def _differing(found: Comparison) -> Iterator[Sheet]:
    if found.differing:
        yield origins_sheet("What else differs", found, found.differing)
    else:
        yield Sheet(
            "What else differs", sentences=("Nothing: model, settings and environment are equal.",)
        )


def origins_sheet(title: str, found: Comparison, listed: Sequence[Differing]) -> Sheet:
    """Where both sides come from, side by side."""
    return Sheet(
        title,
        ("", "", found.first.label, found.second.label),
        tuple((one.what, one.name, one.first, one.second) for one in listed),
    )
