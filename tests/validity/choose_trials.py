"""Briefs with a known answer, put to `choose` again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evalharness.board.choose.choosing import choose
from evalharness.board.choose.recommendation import Recommendation
from evalharness.core.brief import Brief, ReferenceFeatures, Weights
from tests.validity.choose_store import Asked
from tests.validity.choose_world import (
    CLEAR,
    NEAR,
    NETWORKS,
    SUITES,
    WORDS,
    Look,
    looks,
    name_of,
)

REFERENCES = (5, 20)
DRAWS = 3
"""Sets of references a look, suite and size where looks are near."""
STYLE_ALONE = Weights(1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
ALL = "all"


@dataclass(frozen=True, slots=True)
class Trial:
    """One brief: what was wanted, whether it was named first, and how sure that was.

    Regrets are distances in the unit of style: of the model named, and of the one that is best over
    all looks, each less that of the nearest model.
    """

    suite: str
    wanted: str
    right: bool
    p_best: float
    regret: float = 0.0
    regret_of_best_overall: float = 0.0


def clear(store: Asked) -> dict[tuple[str, int], list[Trial]]:
    """Twelve looks far apart: by references, by words, by both."""
    rng = np.random.default_rng(11)
    models = tuple(name_of(look) for look in looks(CLEAR))
    worth = _worth(store, models)
    found: dict[tuple[str, int], list[Trial]] = {}
    for suite in _suites():
        for look in looks(CLEAR):
            for n in REFERENCES:
                brief = Brief(references=("r",), models=models)
                some = store.some_references([look], n, rng)
                trial = _judged(suite, look, choose(store.connection, suite, brief, some), worth)
                found.setdefault(("references only", n), []).append(trial)
        for aesthetic in WORDS:
            look = (aesthetic, max(CLEAR))
            for words in store.words[aesthetic]:
                brief = Brief(words="w", models=models)
                answer = choose(store.connection, suite, brief, words)
                trial = _judged(suite, look, answer, worth)
                found.setdefault(("words only", 0), []).append(trial)
                both = _both(store.some_references([look], REFERENCES[-1], rng), words)
                brief = Brief(words="w", references=("r",), models=models)
                answer = choose(store.connection, suite, brief, both)
                trial = _judged(suite, look, answer, worth)
                found.setdefault(("words and references", REFERENCES[-1]), []).append(trial)
    return found


def _both(references: ReferenceFeatures, words: ReferenceFeatures) -> ReferenceFeatures:
    return replace(references, texts=words.texts, words=words.words, neutral=words.neutral)


def _worth(store: Asked, models: Sequence[str]) -> dict[str, dict[str, float]]:
    """Wanted look → model → worth of its style, from all prompts and all references."""
    found = {}
    for look in looks(CLEAR):
        rows = store.references[look]
        every = ReferenceFeatures(store.style, rows, tuple(f"#{i}" for i in range(len(rows))))
        brief = Brief(references=("r",), models=tuple(models), weights=STYLE_ALONE)
        answer = choose(store.connection, ALL, brief, every)
        found[name_of(look)] = {one.model: one.components["style"] for one in answer.candidates}
    return found


def _judged(
    suite: str, look: Look, answer: Recommendation, worth: dict[str, dict[str, float]]
) -> Trial:
    wanted = name_of(look)
    first = answer.candidates[0]
    own = worth[wanted]
    overall = max(own, key=lambda model: sum(one[model] for one in worth.values()))
    return Trial(
        suite=suite,
        wanted=wanted,
        right=answer.verdict != "abstained" and first.model == wanted,
        p_best=first.p_best or 0.0,
        regret=max(own.values()) - own[first.model],
        regret_of_best_overall=max(own.values()) - own[overall],
    )


def near(store: Asked) -> dict[int, list[Trial]]:
    """Looks so near that the right one cannot always be told."""
    rng = np.random.default_rng(12)
    found: dict[int, list[Trial]] = {n: [] for n in REFERENCES}
    for suite in _suites():
        for aesthetic in WORDS:
            models = tuple(name_of((aesthetic, strength)) for strength in NEAR)
            brief = Brief(references=("r",), models=models, weights=STYLE_ALONE)
            for strength in NEAR:
                for n in REFERENCES:
                    for _ in range(DRAWS):
                        some = store.some_references([(aesthetic, strength)], n, rng)
                        answer = choose(store.connection, suite, brief, some)
                        first = answer.candidates[0]
                        if first.p_best is None:
                            continue
                        wanted = name_of((aesthetic, strength))
                        right = first.model == wanted
                        found[n].append(Trial(suite, wanted, right, first.p_best))
    return found


def abstentions(store: Asked) -> dict[tuple[int, int], tuple[int, int]]:
    """(Looks mixed, references) → (answers not given, briefs), with twelve looks far apart."""
    rng = np.random.default_rng(13)
    models = tuple(name_of(look) for look in looks(CLEAR))
    brief = Brief(references=("r",), models=models)
    found = {}
    for mixed in range(1, len(WORDS) + 1):
        for n in (8, 20):
            silent = 0
            for suite in _suites():
                chosen = [str(one) for one in rng.choice(list(WORDS), mixed, replace=False)]
                wanted = [(aesthetic, max(CLEAR)) for aesthetic in chosen]
                some = store.some_references(wanted, n, rng)
                answer = choose(store.connection, suite, brief, some)
                silent += answer.verdict == "abstained"
            found[mixed, n] = silent, SUITES
    return found


def removals(store: Asked) -> tuple[int, int]:
    """How often taking candidates out reordered the others, and in how many briefs."""
    rng = np.random.default_rng(14)
    every = [name_of(look) for look in dict.fromkeys([*looks(CLEAR), *looks(NEAR)])]
    reordered = tried = 0
    for suite in _suites():
        for look in looks(CLEAR):
            some = store.some_references([look], 20, rng)
            kept = [model for model in every if rng.random() < 0.5] or every[:1]
            orders = []
            for models in (every, kept):
                brief = Brief(references=("r",), models=tuple(models))
                answer = choose(store.connection, suite, brief, some)
                orders.append([one.model for one in answer.candidates if one.model in kept])
            reordered += orders[0] != orders[1]
            tried += 1
    return reordered, tried


def networks(store: Asked) -> dict[tuple[str, bool], list[Trial]]:
    """Which fine-tune renders of an aesthetic lead to; what is asked of comes with True."""
    rng = np.random.default_rng(15)
    found: dict[tuple[str, bool], list[Trial]] = {}
    for aesthetic, network in NETWORKS.items():
        if aesthetic not in WORDS:
            continue
        for n in REFERENCES:
            for _ in range(25):
                some = store.some_references([(aesthetic, 1.0)], n, rng)
                trial = _network(store, Brief(references=("r",)), some, network)
                key = f"{network} for {aesthetic}, {n} references", n == REFERENCES[-1]
                found.setdefault(key, []).append(trial)
        for words in store.words[aesthetic]:
            trial = _network(store, Brief(words="w"), words, network)
            found.setdefault((f"{network} for {aesthetic}, words", False), []).append(trial)
    return found


def _network(store: Asked, brief: Brief, features: ReferenceFeatures, network: str) -> Trial:
    answer = choose(store.connection, "part-00", brief, features)
    first = answer.candidates[0]
    right = answer.verdict != "abstained" and first.model == network
    return Trial("part-00", network, right, first.p_best or 0.0)


def _suites() -> Iterator[str]:
    return (f"part-{place:02}" for place in range(SUITES))
