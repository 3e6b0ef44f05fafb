"""A profile as sheets, for a terminal, Markdown and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalharness.board.cells import Cell
from evalharness.board.numbers import (
    difference_text,
    header_text,
    number_text,
    p_text,
    signed_text,
    size_text,
    value_text,
)
from evalharness.board.profile.model_profile import Against, Profile, ShownPicture
from evalharness.board.sheets import Sheet

MOST_LOOKS = 8
MOST_SLICES = 6
"""Strengths, and as many weaknesses, shown of the slices; JSON has all."""
MOST_NEAR = 5


def sheets(found: Profile, *, pictures: bool = True) -> list[Sheet]:
    """The profile, section by section; `pictures` with the best and the worst."""
    told = sections(found)
    made = [told[name] for name in _BEFORE_PICTURES if name in told]
    if pictures:
        made += [*_pictures("Best pictures", found, found.best)]
        made += [*_pictures("Worst pictures", found, found.worst), *_hurting(found)]
    if "missing" in told:
        made.append(told["missing"])
    return made


_BEFORE_PICTURES = ("facts", "standings", "looks", "steered", "against", "gain", "near")


def sections(found: Profile) -> dict[str, Sheet]:
    """The sheets without pictures by their names: `facts`, `standings`, `looks`, `steered`,
    `against`, `gain`, `near` and `missing`, as far as there is something to tell.
    """
    made = {
        "standings": _standings(found),
        "looks": _looks(found),
        "steered": _steered(found),
        "against": _against(found),
        "gain": _gain(found),
        "near": _near(found),
    }
    told = {name: sheet for name, sheets in made.items() for sheet in sheets}
    told["facts"] = _head(found)
    if found.missing:
        told["missing"] = Sheet("Not told", sentences=found.missing)
    return told


def headline(found: Profile) -> str:
    """`Tinyworld base (tiny-base): Tiny world (version 1)`."""
    named = found.title if found.title == found.model else f"{found.title} ({found.model})"
    return f"{named}: {found.suite_title or found.suite} (version {found.version})"


def _head(found: Profile) -> Sheet:
    facts = found.facts
    statuses = " · ".join(f"{status} {n}" for status, n in found.statuses.items()) or "none"
    price = None if facts.cost_per_1000 is None else f"US$ {size_text(facts.cost_per_1000)}"
    rows = [
        ("licence", f"{found.licence or 'not stated'} ({found.licence_class})"),
        ("outputs", f"{statuses} of {found.planned} planned"),
        ("p95 latency", _with_unit(facts.latency_p95_s, "s, of the batch")),
        ("peak memory", _with_unit(facts.peak_memory_gib, "GiB")),
        ("cost per 1,000", price or "unknown"),
        ("backend", facts.backend or "unknown"),
    ]
    if found.family is not None:
        rows.append(("weights", found.family.source))
        rows += [("adapter", adapter) for adapter in found.family.adapters]
        rows.append(("base", found.family.base or "none named among the suite's models"))
        if found.family.built_on:
            rows.append(("same family", ", ".join(found.family.built_on)))
    return Sheet(headline(found), ("", ""), tuple(rows))


def _with_unit(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.3g} {unit}"


def _standings(found: Profile) -> Iterator[Sheet]:
    if found.columns:
        yield Sheet(
            f"Among {len(found.pool)} models",
            ("metric", "value", "rank", "tie group"),
            tuple(
                (
                    header_text(column),
                    value_text(cell := found.cells[column.metric]),
                    _rank(cell),
                    cell.tie_group or (cell.reason if cell.value is None else "") or "–",
                )
                for column in found.columns
            ),
            ("Ranks are simultaneous 95 % intervals; models that share a letter are a tie.",),
        )


def _rank(cell: Cell) -> str:
    if cell.rank_low is None or cell.rank_high is None:
        return "–"
    same = cell.rank_low == cell.rank_high
    return str(cell.rank_low) if same else f"{cell.rank_low}–{cell.rank_high}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _range(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.0%} … {high:.0%}"


def _looks(found: Profile) -> Iterator[Sheet]:
    if (default := found.default_look) is None:
        return
    shown = [look for look in default.looks if look.share > 0][:MOST_LOOKS]
    yield Sheet(
        "Default look",
        ("look", "share", "95 %", "other models"),
        tuple((k.name, _share(k.share), _range(k.low, k.high), _share(k.others)) for k in shown),
        (
            f"The nearest of the {len(default.looks)} looks of {default.vocabulary} to each of "
            f"{default.pictures} pictures of {default.prompts} prompts that ask for none, seen by "
            f"{default.instrument}.",
        ),
        shares=tuple(look.share for look in shown),
    )


def _steered(found: Profile) -> Iterator[Sheet]:
    if not found.steered:
        return
    yield Sheet(
        f"Looks when asked for, by {found.steered[0].metric}",
        ("look", "mean", "other models", "prompts"),
        tuple(
            (
                one.look,
                value_text(Cell(one.mean, one.low, one.high)),
                number_text(one.others),
                str(one.prompts),
            )
            for one in found.steered
        ),
    )


def _against(found: Profile) -> Iterator[Sheet]:
    if not found.against:
        return
    whole = [one for one in found.against if not one.tag]
    sliced = [one for one in found.against if one.tag]

    def surest(standing: str) -> list[Against]:
        kept = [one for one in sliced if one.standing == standing]
        return sorted(kept, key=lambda one: one.adjusted or 0.0)[:MOST_SLICES]

    shown = [*whole, *surest("strength"), *surest("weakness")]
    counts = [sum(one.standing == s for one in sliced) for s in ("strength", "weakness")]
    yield Sheet(
        "Strengths and weaknesses",
        ("prompts", "metric", "own", "others", "difference", "p (BH)", "n", "reading"),
        tuple(
            (
                f"{one.tag} = {one.value}" if one.tag else "all",
                one.metric,
                number_text(one.own),
                number_text(one.others),
                difference_text(one.paired),
                p_text(one.adjusted),
                str(one.paired.prompts),
                one.standing or "as the others",
            )
            for one in shown
        ),
        (
            "Against the mean of the other models on the same prompts, with 95 % intervals. Of "
            f"{len(sliced)} slices × metrics, strengths: {counts[0]}, weaknesses: {counts[1]}, "
            "after Benjamini and Hochberg (5 % of them wrong on average).",
            *_diversity(found),
        ),
        differences=tuple(one.paired for one in shown),
    )


def _diversity(found: Profile) -> Iterator[str]:
    if (one := found.diversity) is None:
        return
    beside = "" if one.others is None else f", the others' {number_text(one.others)}"
    yield (
        f"Diversity over seeds {number_text(one.value)}{beside}: difference "
        f"{difference_text(one.paired)} (mean 1 − cosine of a prompt's pictures, "
        f"{one.prompts} prompts, seen by {one.instrument})."
    )


def _gain(found: Profile) -> Iterator[Sheet]:
    if found.family is None or not found.family.gain:
        return
    base = found.family.base or ""
    yield Sheet(
        f"Gain over its base {base}",
        ("metric", base, found.model, "difference", "p (Holm)", "prompts", "reading"),
        tuple(
            (
                header_text(one.column),
                number_text(one.first),
                number_text(one.second),
                difference_text(one.paired),
                p_text(one.adjusted),
                str(one.paired.prompts),
                {"first": "worse", "second": "better", "": one.reason or "not separated"}[
                    one.better
                ],
            )
            for one in found.family.gain
        ),
        differences=tuple(one.paired for one in found.family.gain),
    )


def _near(found: Profile) -> Iterator[Sheet]:
    if found.nearest:
        yield Sheet(
            "Nearest-looking models",
            ("model", "cosine of mean looks", "prompts"),
            tuple(
                (one.model, f"{one.cosine:+.2f}", str(one.prompts))
                for one in found.nearest[:MOST_NEAR]
            ),
            (f"Seen by {found.style_by} from the middle of all models' pictures.",),
        )


def _pictures(title: str, found: Profile, shown: Sequence[ShownPicture]) -> Iterator[Sheet]:
    if shown:
        yield Sheet(
            f"{title}, by {found.pictures_by} against the others on the same prompt",
            ("text", "prompt", "seed", "score", "gain", "picture"),
            tuple(
                (
                    one.text,
                    one.prompt_id,
                    str(one.seed),
                    number_text(one.score),
                    signed_text(one.gain),
                    one.sha256[:12],
                )
                for one in shown
            ),
        )


def _hurting(found: Profile) -> Iterator[Sheet]:
    if found.hurting:
        yield Sheet(
            f"Pictures that raise {found.hurting_by} most",
            ("prompt", "seed", "by about", "picture"),
            tuple(
                (one.prompt, str(one.seed), size_text(one.harm), one.sha256[:12])
                for one in found.hurting
            ),
        )
