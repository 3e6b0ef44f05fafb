"""A judgement as tables and sentences, for a terminal and Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evalharness.board.judged.judgement import Head2Head, Judge, Judgement
from evalharness.board.numbers import MISSING, p_text
from evalharness.board.sheets import Sheet
from evalharness.board.vote_shares import Share
from evalharness.board.vote_tables import counted, percent_text, rank_text, share_text

_DIGITS = 12

_WON = (
    "Won: both orders found its answer better; contests whose orders differ, ties and identical "
    "answers count half for each. Intervals (95 %) are over prompts"
)
_TASTES = (
    "Judges have tastes of their own: for longer answers, for a place, for texts of their own "
    "family. For one without them the answer shown first, and the longer one, win half. Compare "
    "under one judge only."
)
LEGEND = f"{_WON}, p after Holm over all pairs. {_TASTES}"
MACHINE = (
    "These are a machine's words: they are kept apart from people's votes and never counted among "
    "them."
)
_HEAD = (
    "at equal length",
    "won · even · lost",
    "both orders agree",
    "shown first wins",
    "longer wins",
    "prompts",
)


def judgement_sheets(found: Judgement) -> list[Sheet]:
    """Every two sides, and all of them on one scale where there are three or more."""
    where = "".join(f", {tag} = {value}" for tag, value in found.slice.items())
    heading = f"{found.title or found.suite} (version {found.version}){where}, judged by "
    rows = [(f"{one.first} – {one.second}", *_cells(one)) for one in found.pairs]
    pairs = Sheet(
        heading + found.judge,
        ("first – second", "first better", *_HEAD, "p (Holm)"),
        tuple(rows),
        (*(sentence(one) for one in found.pairs), *_doubts(found), LEGEND),
    )
    return [pairs, *_scale(found)]


def stored_sheet(found: Sequence[Judgement]) -> Sheet:
    """Two sides by every judge that said anything of them, a row a judge; at least one."""
    names = judge_names([one.by for one in found])
    rows, said = [], []
    for name, judged in zip(names, found, strict=True):
        (one,) = judged.pairs
        rows.append((name, *_cells(one)))
        said.append(f"{name}: {' '.join((sentence(one), *_doubts(judged, paired=False)))}")
    better = f"{found[0].pairs[0].first} better"
    return Sheet(
        "In a judge's eyes",
        ("judge", better, *_HEAD, "p"),
        tuple(rows),
        (MACHINE, *said, f"{_WON}. {_TASTES}"),
    )


def judge_names(judges: Sequence[Judge]) -> list[str]:
    """What to call judges, no two of which are the same: by the shortest name that others do not
    have. Weights stand with it where several have one name, and the version where weights agree.
    """
    named = [_ways_to_call(*one) for one in judges]
    count = Counter(way for ways in named for way in ways)
    return [next((way for way in ways if count[way] == 1), ways[-1]) for ways in named]


def _ways_to_call(name: str, weights: str, version: int) -> tuple[str, ...]:
    short = weights.removeprefix("sha256:")[:_DIGITS]
    told = (name, f"{name} ({short})", f"{name} ({short}, version {version})")
    return *told, f"{name} ({weights}, version {version})"


def sentence(one: Head2Head) -> str:
    """`A is judged better than B in 62 % [55, 69] of 120 answers to 60 prompts, …`."""
    rate = one.rate
    if rate.value is None:
        return f"{one.first} and {one.second} were not judged."
    first, second, shown = one.first, one.second, rate
    if rate.value < 0.5:
        first, second = second, first
        low = None if rate.high is None else 1 - rate.high
        high = None if rate.low is None else 1 - rate.low
        shown = Share(1 - rate.value, low, high, rate.votes, rate.prompts)
    sure = "separated" if one.better else "which does not separate them"
    said = (
        f"{first} is judged better than {second} in {share_text(shown)} of "
        f"{counted(rate.votes, 'contest')} on {counted(rate.prompts, 'prompt')} ({sure})"
    )
    if rate.value == 0.5:
        said = (
            f"{first} and {second} are judged even over {counted(rate.votes, 'contest')} on "
            f"{counted(rate.prompts, 'prompt')}"
        )
    if one.consistent.value is None and one.unscored:
        return f"{said}; no others were judged, and identical answers count half."
    if one.consistent.value is None:
        return f"{said}; all answers were identical."
    return f"{said}; both orders agree in {share_text(one.consistent)}."


def _cells(one: Head2Head) -> tuple[str, ...]:
    equal = one.equal_length
    even = one.contests - one.won - one.lost - sum(one.unscored.values())
    return (
        share_text(one.rate),
        MISSING if equal is None else percent_text(equal.value, equal.low, equal.high),
        f"{one.won} · {even} · {one.lost}",
        share_text(one.consistent),
        share_text(one.first_place),
        share_text(one.longer),
        str(one.rate.prompts),
        p_text(one.adjusted),
    )


def _doubts(found: Judgement, *, paired: bool = True) -> list[str]:
    """What did not count, and why; `paired`, of which two."""
    said = []
    for one in found.pairs:
        names = f"{one.first} – {one.second}: " if paired else ""
        for reason, count in _alike(one.unscored):
            said.append(f"{names}{counted(count, 'contest')} unscored: {reason}.")
        if one.identical:
            said.append(f"{names}{counted(one.identical, 'pair')} of identical answers, even.")
        if one.alone:
            said.append(
                f"{names}{counted(one.alone, 'answer')} left out, as the other side gave none."
            )
        if one.first_place.low is not None and one.first_place.low > 0.5:
            said.append(f"{names}The judge favours the answer that is shown first.")
        if one.longer.low is not None and one.longer.low > 0.5:
            said.append(f"{names}The longer answer wins; read the rate at equal length.")
    if found.people.value is not None:
        said.append(
            f"Of {counted(found.people.votes, 'vote')} of people for one of two of these answers, "
            f"the judge prefers the same in {share_text(found.people)}; a coin would in 50 %."
        )
    if found.unseen:
        said.append(f"{counted(found.unseen, 'prompt')} came with pictures, which it did not see.")
    return said


def _alike(reasons: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Reasons that differ in numbers alone are one: the first of them, with the count of all."""
    alike: dict[str, tuple[str, int]] = {}
    for reason, count in reasons.items():
        key = re.sub(r"[0-9]+", "0", reason)
        first, so_far = alike.get(key, (reason.rstrip("."), 0))
        alike[key] = first, so_far + count
    yield from alike.values()


def _scale(found: Judgement) -> Sequence[Sheet]:
    if not found.scale:
        return ()
    rows = [
        (
            one.model,
            percent_text(one.chance, one.low, one.high),
            rank_text(one.rank_low, one.rank_high),
            one.tie_group,
        )
        for one in found.scale
    ]
    said = (
        "Bradley and Terry's strengths as the chance of being judged better than a model of "
        "middling strength; models that share a letter cannot be told apart."
    )
    if found.scale[0].chance is None:
        said = "Not on one scale: some model won, or lost, all its contests."
    return [
        Sheet(
            "All of them on one scale",
            ("model", "judged better", "rank", "tie"),
            tuple(rows),
            (said,),
        )
    ]
