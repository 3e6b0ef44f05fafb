"""A fresh take held against a baseline: every model × metric judged, together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from evalharness.board.columns import base_name
from evalharness.board.gate.changes import changes
from evalharness.board.gate.epsilon import chosen_epsilon, default_epsilon
from evalharness.board.gate.judging import Judged, Worsening, judge, worsening
from evalharness.board.gate.pairs import Pair, aligned, identical_outputs, model_pairs
from evalharness.board.gate.verdict import Gate, GatedModel, Judgement, Outcome, WorsePrompt
from evalharness.core.baseline import Baseline, ModelTake

MOST_MISSING = 0.1
"""Share of the baseline's scored prompts that may be without a score before nothing is decided."""
SHOWN_PROMPTS = 5


def gate(
    baseline: Baseline,
    fresh: Baseline,
    *,
    against: str,
    run: str,
    models: Sequence[str] | None = None,
    epsilons: Mapping[str, float] | None = None,
    problems: Mapping[str, str] | None = None,
    timed: Sequence[Pair] = (),
) -> Gate:
    """Judge every model of both takes, or those of `models`, on the prompts of both.

    `epsilons` are tolerances by metric (see `epsilon.default_epsilon` for the others), `problems`
    say by model why it could not be run, `timed` are columns of latency from interleaved runs. A
    model that one take lacks could not be judged. Whether both were measured alike was checked
    before (`mismatch`).
    """
    old, new = ({take.model: take for take in side.models} for side in (baseline, fresh))
    problems = problems or {}
    pairs: list[Pair] = []
    found: list[GatedModel] = []
    for name in {**old, **new, **problems} if models is None else models:
        why = problems.get(name) or _absent(name, old, new)
        if why:
            found.append(GatedModel(name, name, 0, 0, {}, (), why))
            continue
        take = aligned(new[name], fresh, baseline)
        found.append(_model(old[name], take))
        pairs += model_pairs(baseline.metrics, old[name], take, timed)
    return Gate(
        suite=fresh.suite,
        version=fresh.version,
        suite_digest=fresh.suite_digest,
        against=against,
        run=run,
        prompts=len({p.id for p in baseline.prompts} & {p.id for p in fresh.prompts}),
        seeds=len({*baseline.seeds} & {*fresh.seeds}),
        models=tuple(found),
        judgements=tuple(_judgements(pairs, [p.id for p in baseline.prompts], epsilons or {})),
    )


def _absent(name: str, old: Mapping[str, ModelTake], new: Mapping[str, ModelTake]) -> str:
    if name not in old:
        return "the baseline has no model of this name"
    return "" if name in new else "there is no fresh take of it"


def _model(before: ModelTake, after: ModelTake) -> GatedModel:
    compared, identical = identical_outputs(before, after)
    return GatedModel(
        after.model, after.title, compared, identical, after.statuses, changes(before, after)
    )


def _judgements(
    pairs: Sequence[Pair], prompts: Sequence[str], epsilons: Mapping[str, float]
) -> Iterator[Judgement]:
    found = [worsening(p.before, p.after, p.metric.direction, share=p.share) for p in pairs]
    tolerated = [
        chosen_epsilon(epsilons, p.metric.metric)
        or default_epsilon(p.before, share=p.share, by_machine=p.by_machine)
        for p in pairs
    ]
    gated = [place for place, pair in enumerate(pairs) if not pair.reason]
    judged = judge(
        [found[place] for place in gated],
        [tolerated[place] for place in gated],
        share=[pairs[place].share for place in gated],
    )
    verdicts = dict(zip(gated, judged, strict=True))
    for place, pair in enumerate(pairs):
        test = _judgement(pair, found[place], tolerated[place], prompts)
        if place not in verdicts:
            bare = replace(test, reason=pair.reason, low=None, high=None, epsilon=None)
            yield _checked(pair, bare)
            continue
        one = verdicts[place]
        yield _checked(
            pair,
            replace(
                test,
                outcome=Outcome(one.verdict),
                p=one.p,
                detectable=one.detectable,
                needed=one.needed,
                reason=_undecided(one, found[place], pair),
            ),
        )


def _undecided(one: Judged, found: Worsening, pair: Pair) -> str:
    """Why more of the same would not decide either; empty where it would, or it is decided."""
    if not found.prompts:
        return f"no {pair.sampled} have a score on both sides"
    if one.verdict == "inconclusive" and one.epsilon <= 0:
        return (
            "the baseline has no spread to derive ε from: "
            f"give it with --epsilon {base_name(pair.metric.metric)}=NUMBER"
        )
    return ""


def _judgement(pair: Pair, found: Worsening, epsilon: float, prompts: Sequence[str]) -> Judgement:
    common = np.isfinite(pair.before) & np.isfinite(pair.after)
    metric = pair.metric
    return Judgement(
        model=pair.model,
        metric=metric.metric,
        title=metric.title,
        unit=metric.unit,
        direction=metric.direction,
        outcome=pair.outcome,
        baseline=float(pair.before[common].mean()) if common.any() else None,
        fresh=float(pair.after[common].mean()) if common.any() else None,
        worse=found.mean,
        low=found.low,
        high=found.high,
        epsilon=epsilon,
        prompts=found.prompts,
        sampled=pair.sampled,
        worst=_worst(pair, prompts),
    )


def _checked(pair: Pair, test: Judgement) -> Judgement:
    """A pass on what is left of the prompts is none where too many lost their scores."""
    had = int(np.isfinite(pair.before).sum())
    if test.outcome is not Outcome.PASS or test.prompts >= (1 - MOST_MISSING) * had:
        return test
    why = f"only {test.prompts} of the {had} {pair.sampled} scored before have a score now"
    return replace(test, outcome=Outcome.INCONCLUSIVE, reason=why)


def _worst(pair: Pair, prompts: Sequence[str]) -> tuple[WorsePrompt, ...]:
    sign = -1.0 if pair.metric.direction == "higher" else 1.0
    worse = sign * (pair.after - pair.before)
    if pair.sampled != "prompts":
        return ()
    worse = np.where(np.isfinite(worse), worse, 0.0)
    order = np.argsort(-worse, kind="stable")[:SHOWN_PROMPTS]
    return tuple(WorsePrompt(prompts[p], "", float(worse[p])) for p in order if worse[p] > 0)
