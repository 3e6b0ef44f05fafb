"""Do rank intervals hold all true ranks at once, and do many tests together stay honest?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evalharness.board.multiple import benjamini_hochberg, holm
from evalharness.board.paired import paired_difference
from evalharness.board.ranks import Ranking, rank_models, ranking_of
from evalharness.board.statistics import interval_of_sums
from evalharness.board.votes import bradley_terry
from tests.validity.drawn_scores import Floats, Scores
from tests.validity.markdown import table
from tests.validity.rates import Checked, Rate, checked, checks_table

SEEDS = 4
HELD = (0.95, 1.0)
ALPHA, Q = 0.05, 0.1
TESTS, EFFECTS = 20, 8
STRENGTHS = (0.0, 0.0, 0.2, 0.5, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Case:
    """Models with these levels."""

    name: str
    scores: Scores
    prompts: int
    draws: int


CASES = (
    Case("12 models, gaps of .02", Scores("normal", tuple(0.02 * np.arange(12))), 200, 2000),
    Case("12 models, gaps of .05", Scores("normal", tuple(0.05 * np.arange(12))), 200, 2000),
    Case("12 models, gaps of .2", Scores("normal", tuple(0.2 * np.arange(12))), 200, 2000),
    Case("12 models, three exact ties of four", Scores("normal", (0.0, 0.3, 0.6) * 4), 200, 2000),
    Case("12 equal models", Scores("normal", (0.0,) * 12), 200, 2000),
    Case("12 models, shares", Scores("share", tuple(0.1 * np.arange(12))), 200, 2000),
    Case("12 models, skewed", Scores("skewed", tuple(0.1 * np.arange(12))), 200, 2000),
    Case("12 models, few prompts", Scores("normal", tuple(0.1 * np.arange(12))), 20, 2000),
    Case("50 models, gaps of .02", Scores("normal", tuple(0.02 * np.arange(50))), 200, 1000),
)


def measure() -> dict[str, Any]:
    """Rank intervals, many tests, strengths from votes."""
    ranked = [_ranked(case) for case in CASES]
    return {
        "ranks": [asdict(check) for check, _ in ranked],
        "widths": [widths for _, widths in ranked],
        "tests": [asdict(one) for one in _tests()],
        "discoveries": _discoveries(),
        "votes": [asdict(one) for one in _votes()],
    }


def _ranked(case: Case) -> tuple[Checked, dict[str, Any]]:
    rng = np.random.default_rng([7, len(case.name), case.prompts])
    truth = np.round(case.scores.truth, 12)
    held, overlap_held, widths, overlap_widths = 0, 0, 0.0, 0.0
    for _ in range(case.draws):
        means = case.scores.draw(case.prompts, SEEDS, rng).mean(axis=2)
        joint = rank_models(means, "higher")
        overlap = _by_overlap(means)
        held += _covers(joint, truth)
        overlap_held += _covers(overlap, truth)
        widths += _width(joint)
        overlap_widths += _width(overlap)
    joint_rate, overlap_rate = Rate(held, case.draws), Rate(overlap_held, case.draws)
    size = f"{case.name}, {case.prompts} prompts × {SEEDS} seeds"
    return (
        Checked(size, joint_rate, *HELD, chance=True, beside=str(overlap_rate)),
        {"case": size, "joint": widths / case.draws, "overlap": overlap_widths / case.draws},
    )


def _by_overlap(means: Floats) -> Ranking:
    """What boards elsewhere do: models are apart where their own intervals do not overlap."""
    ones = np.ones(means.shape[1])
    own = [interval_of_sums(values, ones) for values in means]
    low, high = (
        np.array([getattr(one, end) for one in own], np.float64) for end in ("low", "high")
    )
    return ranking_of(low[:, None] > high[None, :], means.mean(axis=1))


def _covers(found: Ranking, truth: Floats) -> bool:
    best = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    worst = len(truth) - (truth[None, :] < truth[:, None]).sum(axis=1)
    pairs = zip(found.low, found.high, best, worst, strict=True)
    return all(
        low is not None and high is not None and low <= b and high >= w for low, high, b, w in pairs
    )


def _width(found: Ranking) -> float:
    both = zip(found.low, found.high, strict=True)
    return float(np.mean([(high or 0) - (low or 0) + 1 for low, high in both]))


def _drawn_tests(nulls: int, draws: int) -> Iterator[tuple[Floats, Floats]]:
    """(m,) p values of two models on m metrics, and which metrics truly differ."""
    rng = np.random.default_rng([8, nulls])
    true = np.arange(TESTS) >= nulls
    for _ in range(draws):
        common = rng.standard_normal((2, 100))
        p = np.empty(TESTS)
        for m in range(TESTS):
            a, b = 0.5 * common + rng.standard_normal((2, 100))
            found = paired_difference(a, b + 0.5 * true[m]).p
            p[m] = np.nan if found is None else found
        yield p, true.astype(np.float64)


def _tests() -> Iterator[Checked]:
    """Holm: any wrong finding; Benjamini and Hochberg where nothing is true: any finding."""
    for nulls in (TESTS, TESTS - EFFECTS):
        wrong = [bool((holm(p)[true == 0] <= ALPHA).any()) for p, true in _drawn_tests(nulls, 2000)]
        yield Checked(
            f"Holm: any wrong finding, {nulls} of {TESTS} metrics equal",
            Rate(sum(wrong), len(wrong)),
            0.0,
            ALPHA,
            chance=True,
        )
    some = [bool((benjamini_hochberg(p) <= Q).any()) for p, _ in _drawn_tests(TESTS, 2000)]
    yield Checked(
        f"Benjamini–Hochberg: any finding, all {TESTS} metrics equal",
        Rate(sum(some), len(some)),
        0.0,
        Q,
        chance=True,
    )


def _discoveries() -> dict[str, float]:
    """Benjamini and Hochberg's false discovery rate, and how much of what is true is found."""
    shares, found = [], []
    for p, true in _drawn_tests(TESTS - EFFECTS, 2000):
        called = benjamini_hochberg(p) <= Q
        shares.append(float((called & (true == 0)).sum()) / max(1, int(called.sum())))
        found.append(float((called & (true == 1)).sum()) / EFFECTS)
    return {
        "rate": float(np.mean(shares)),
        "error": float(np.std(shares, ddof=1) / np.sqrt(len(shares))),
        "found": float(np.mean(found)),
        "draws": len(shares),
    }


def _votes() -> Iterator[Checked]:
    """Strengths and ranks from votes; with ties the truth is what endless votes would say."""
    for ties in (0.0, 0.3):
        for votes in (30, 200):
            yield from _voted(ties, votes, draws=2000)


def _voted(ties: float, votes: int, draws: int) -> Iterator[Checked]:
    rng = np.random.default_rng([9, votes, int(10 * ties)])
    strength = np.array(STRENGTHS)
    ahead = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    # a pair is called equal the more often, the nearer its models are
    tied = ties * 4 * ahead * (1 - ahead)
    tied = (tied + tied.T) / 2  # rounding aside the same
    wins = (1 - tied) * ahead
    np.fill_diagonal(tied, 0.0)
    np.fill_diagonal(wins, 0.0)
    truth = np.round(bradley_terry(1e6 * wins, 1e6 * tied).values, 6)
    held, ranked, asked = 0, 0, 0
    for draw in range(draws):
        won, equal = _counted(wins, tied, votes, rng)
        found = bradley_terry(won, equal)
        if found.ranking is None:
            continue
        model = draw % len(strength)
        asked += 1
        held += bool(found.low[model] <= truth[model] <= found.high[model])
        ranked += _covers(found.ranking, truth)
    what = f"{votes} votes a pair, {'up to 30 % ties' if ties else 'no ties'}"
    yield Checked(f"a strength, {what}", Rate(held, asked), 0.93, 0.97, chance=True)
    yield Checked(f"all ranks at once, {what}", Rate(ranked, asked), *HELD, chance=True)


def _counted(
    wins: Floats, tied: Floats, votes: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    won, equal = np.zeros(wins.shape), np.zeros(wins.shape)
    for i, j in zip(*np.triu_indices(len(wins), 1), strict=True):
        drawn = rng.multinomial(votes, [wins[i, j], wins[j, i], tied[i, j]])
        won[i, j], won[j, i] = drawn[:2]
        equal[i, j] = equal[j, i] = drawn[2]
    return won, equal


def lines(figures: Mapping[str, Any]) -> list[str]:
    """The section in Markdown."""
    parts = {
        name: [checked(fields) for fields in figures[name]] for name in ("ranks", "tests", "votes")
    }
    widths = [
        (one["case"], f"{one['joint']:.2f}", f"{one['overlap']:.2f}") for one in figures["widths"]
    ]
    found = figures["discoveries"]
    return [
        "## Ranks, many tests, votes\n",
        "All models' rank intervals must hold all true ranks (of exact ties: all that they share) "
        "at once in 95 % of draws. Beside them: ranks by overlap of the models' own intervals.\n",
        checks_table(parts["ranks"], "by overlap"),
        "Mean width in ranks (1 = certain); where both cover, narrower says more. Overlap promises "
        "nothing for all pairs at once; with 50 models the promise (over 1,225 pairs) costs more "
        "than pairing gains where prompts hold only .3 of the spread:\n",
        table(("models", "joint and paired", "by overlap"), widths),
        "### Many tests at once\n",
        checks_table(parts["tests"], ""),
        f"Benjamini–Hochberg at q = {Q}, {EFFECTS} of {TESTS} metrics truly different: false "
        f"discovery rate {found['rate']:.1%} ± {1.96 * found['error']:.1%} (asked ≤ {Q:.0%}), "
        f"{found['found']:.0%} of the true differences found, {found['draws']:,} draws.\n",
        "### Strengths from votes (Bradley–Terry)\n",
        checks_table(parts["votes"], ""),
    ]
