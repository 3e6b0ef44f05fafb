"""Are the pictures recognisable and of many kinds? `inception_score[instrument]`.

exp of the mean KL divergence of each picture's class probabilities from their average (Salimans
et al. 2016), over 10 splits; the instrument gives the logits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError, feature_matrix, output_vectors

SPLITS = 10
SEED = 2020
SMALLEST_SET = 500
OUTPUTS_PER_CLASS = 5


def inception_score(logits: ArrayLike, *, splits: int = SPLITS) -> tuple[float, float]:
    """Mean and standard deviation (ddof 0) over splits, of logits (n, classes); the mean is ≥ 1.

    Shuffled and split as torch-fidelity does (torchmetrics' deviation has ddof 1), so that both
    agree. The deviation is between splits and no uncertainty of the mean. Raises
    UnmeasurableError for NaN and for fewer than two outputs a split.
    """
    rows = feature_matrix(logits, "the outputs")
    n = len(rows)
    if n < 2 * splits:
        raise UnmeasurableError(
            f"{n} outputs cannot make {splits} splits of at least 2. Add prompts or seeds."
        )
    log_p = log_softmax(rows[np.random.RandomState(SEED).permutation(n)], axis=1)
    scores = [_of_one_split(log_p[i * n // splits : (i + 1) * n // splits]) for i in range(splits)]
    return float(np.mean(scores)), float(np.std(scores))


def _of_one_split(log_p: NDArray[np.float64]) -> float:
    p = np.exp(log_p)
    # a class that no picture of the split can be (probability 0 in float64) adds nothing
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(p > 0.0, p * (log_p - np.log(p.mean(axis=0))), 0.0)
    return float(np.exp(gain.sum(axis=1).mean()))


def minimum_n(_d: int) -> int:
    """500; what more it takes depends on the score itself, see `enough_for`."""
    return SMALLEST_SET


def enough_for(score: float) -> int:
    """The n from which an Inception score is biased by at most a tenth: 50 · score.

    A split of s outputs of C equally likely classes reads C · exp(−C/(2s)) or so: too low by a
    tenth at s = 5·C, and never above s.
    """
    return int(np.ceil(SPLITS * OUTPUTS_PER_CLASS * score))


def _measure(table: SetTable) -> SetValue:
    logits = output_vectors(table)
    score, _ = inception_score(logits)
    if len(logits) < enough_for(score):
        raise UnmeasurableError(
            f"{len(logits)} outputs in {SPLITS} splits read an Inception score of {score:.1f}, "
            f"which so few bias downwards by more than a tenth; it takes {enough_for(score)}. "
            "Add prompts or seeds, or use vendi."
        )
    return SetValue(score)


METRIC = SetMetric(
    facts=MetricFacts(
        name="inception_score",
        version=1,
        title="Inception score",
        unit="",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        reads="logits",
        about=About(
            measures="Whether each picture clearly shows some ImageNet class, and all of them "
            "together many classes.",
            range="1 to the number of classes",
            recipe="exp(mean KL(p(class | picture) ‖ mean p)) in 10 splits after a fixed shuffle "
            "(seed 2020), mean over splits; their standard deviation has ddof 0 and is not shown, "
            "being no uncertainty of the mean",
            source="Salimans et al. 2016 (arXiv:1606.03498)",
            limits="Knows ImageNet's classes only; blind to agreement with the prompt and to "
            "variety within a class; biased downwards by small n, hence refused below 50 · score "
            "outputs; depends a little on the order of the outputs.",
        ),
    ),
    measure=_measure,
    minimum_n=minimum_n,
)
