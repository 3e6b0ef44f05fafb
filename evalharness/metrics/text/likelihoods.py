"""What likelihoods of continuations tell: right choices, calibration, perplexity.

Prompts carry `continuations`, or a picture and the labels that it may have (`checks.labels`);
`target` is the right one. The chances of these texts are their likelihoods over the sum of them all
(a softmax of the logarithms).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.contracts import Kind
from evalharness.core.likelihoods import compared
from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihoods
from evalharness.core.tables import OutputTable, SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.pooled import Counts, pooled

FloatArray = NDArray[np.float64]
LIKELIHOODS: Final[frozenset[Kind]] = frozenset({"likelihoods"})
BINS: Final = 15


def chances(logs: ArrayLike) -> FloatArray:
    """(m,): exp(log) over its sum; raises UnmeasurableError where a logarithm is not finite."""
    found = np.asarray(logs, np.float64)
    if not np.isfinite(found).all():
        raise UnmeasurableError("A likelihood is NaN or infinite. Run the model in float32.")
    shifted = np.exp(found - found.max())
    result: FloatArray = shifted / shifted.sum()
    return result


def calibration_error(sure: ArrayLike, right: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error: Σ over bins of n_b/n · |accuracy − mean confidence|, in 0…1.

    `sure` (n,) is the chance of what was chosen, `right` (n,) whether it was right; bins are of
    equal width, closed at their upper ends (Guo et al. 2017).
    """
    confidence, correct = np.asarray(sure, np.float64), np.asarray(right, np.float64)
    return _gap(_bin_counts(confidence, correct, bins).sum(axis=0))


def _bin_counts(sure: FloatArray, right: FloatArray, bins: int) -> Counts:
    """(n, 3·bins): of every answer, its bin's number, confidence and rightness."""
    place = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.zeros((len(sure), bins, 3))
    counts[np.arange(len(sure)), place] = np.stack([np.ones(len(sure)), sure, right], axis=1)
    return counts.reshape(len(sure), 3 * bins)


def _gap(counts: Counts) -> float:
    number, sure, right = counts.reshape(-1, 3).T
    return float(np.abs(right - sure).sum() / number.sum())


def _chooses(prompt: Prompt) -> bool:
    texts = compared(prompt)
    return len(texts) > 1 and prompt.target in texts


def _goes_on(prompt: Prompt) -> bool:
    return len(prompt.continuations) == 1


def _right_place(prompt: Prompt) -> int:
    return compared(prompt).index(prompt.target or "")


def _logs(found: Likelihoods) -> FloatArray:
    return np.array([one.log for one in found.of], np.float64)


def _bytes(found: Likelihoods) -> FloatArray:
    sizes = [max(1, len(one.text.encode("utf-8", "replace"))) for one in found.of]
    return np.array(sizes, np.float64)


def _correct(prompt: Prompt, found: Likelihoods) -> float:
    chances(_logs(found))
    return float(int(_logs(found).argmax()) == _right_place(prompt))


def _correct_by_byte(prompt: Prompt, found: Likelihoods) -> float:
    chances(_logs(found))
    return float(int((_logs(found) / _bytes(found)).argmax()) == _right_place(prompt))


def _brier(prompt: Prompt, found: Likelihoods) -> float:
    given = chances(_logs(found))
    given[_right_place(prompt)] -= 1.0
    return float(np.square(given).sum())


def _surprise(prompt: Prompt, found: Likelihoods) -> float:
    logs = _logs(found)
    chances(logs)
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).sum())) - float(logs[_right_place(prompt)])


def _bits_per_byte(_prompt: Prompt, found: Likelihoods) -> float:
    chances(_logs(found))
    return float(-_logs(found).sum() / _bytes(found).sum() / math.log(2.0))


def _each(judge: Callable[[Prompt, Likelihoods], float]) -> Callable[[OutputTable], FloatArray]:
    def measure(table: OutputTable) -> FloatArray:
        scores = np.full(len(table), np.nan)
        for i, (prompt, found) in enumerate(zip(table.prompts, table.likelihoods, strict=True)):
            if found is not None and found.of:
                scores[i] = judge(prompt, found)
        return scores

    return measure


def _ece(table: SetTable) -> SetValue:
    sure, right = [], []
    for prompt, found in zip(table.outputs.prompts, table.outputs.likelihoods, strict=True):
        given = chances(_logs(found or Likelihoods(())))
        sure.append(float(given.max()))
        right.append(float(int(given.argmax()) == _right_place(prompt)))
    counts = _bin_counts(np.array(sure), np.array(right), BINS)
    return pooled(counts, table.clusters, _gap)


def _perplexity(table: SetTable) -> SetValue:
    given = [found or Likelihoods(()) for found in table.outputs.likelihoods]
    counts = [[sum(one.log for one in g.of), sum(one.tokens for one in g.of)] for g in given]
    sums = np.array(counts, np.float64)
    chances(sums[:, 0])
    return pooled(sums, table.clusters, lambda total: float(np.exp(-total[0] / total[1])))


def _facts(
    name: str,
    title: str,
    unit: str,
    direction: Direction,
    applies: Callable[[Prompt], bool],
    about: About,
) -> MetricFacts:
    return MetricFacts(
        name=name,
        version=1,
        title=title,
        unit=unit,
        direction=direction,
        needs=frozenset(),
        applies_to=LIKELIHOODS,
        applies=applies,
        about=about,
    )


_CHANCES = "the chances are the likelihoods of the continuations (or labels) over their sum"
_ONLY = "Needs a model that tells likelihoods; long continuations are less likely by length alone."

CORRECT = OutputMetric(
    _facts(
        "likelihood.correct",
        "Right choice (likelihood)",
        "share",
        "higher",
        _chooses,
        About(
            "Whether the model finds the right continuation the likeliest.",
            "0 or 1",
            "1 where the target has the highest log-likelihood of the continuations",
            "the usual definition: acc in lm-evaluation-harness",
            _ONLY,
        ),
    ),
    _each(_correct),
)
CORRECT_BY_BYTE = OutputMetric(
    _facts(
        "likelihood.correct_by_byte",
        "Right choice (likelihood by byte)",
        "share",
        "higher",
        _chooses,
        About(
            "Whether the model finds the right continuation the likeliest for its length.",
            "0 or 1",
            "1 where the target has the highest log-likelihood per UTF-8 byte",
            "acc_norm in lm-evaluation-harness, which counts characters",
            "Favours long continuations of predictable words.",
        ),
    ),
    _each(_correct_by_byte),
)
BRIER = OutputMetric(
    _facts(
        "likelihood.brier",
        "Brier score",
        "",
        "lower",
        _chooses,
        About(
            "How far the chances of the choices are from the truth.",
            "0…2; 0 is sure and right",
            f"sum of squares of the chances less 1 for the target; {_CHANCES}",
            "Brier 1950",
            _ONLY,
        ),
    ),
    _each(_brier),
)
SURPRISE = OutputMetric(
    _facts(
        "likelihood.nll",
        "Surprise at the right choice",
        "nat",
        "lower",
        _chooses,
        About(
            "How unlikely the model finds the right one of the choices.",
            "0 and up",
            f"−log of the target's chance; {_CHANCES}",
            "the usual definition (log loss)",
            f"One sure mistake outweighs many right answers. {_ONLY}",
        ),
    ),
    _each(_surprise),
)
ECE = SetMetric(
    _facts(
        "likelihood.ece",
        "Calibration error",
        "share",
        "lower",
        _chooses,
        About(
            "How far the model's sureness is from how often it is right.",
            "0…1",
            f"mean over {BINS} bins of equal width of |accuracy − mean confidence|, weighted by "
            f"their answers; {_CHANCES}; 95 % jackknife interval over prompts",
            "Guo et al. 2017 (arXiv:1706.04599), as torchmetrics' l1 norm",
            f"Too high for few answers (each bin's noise counts), so compare equal n. {_ONLY}",
        ),
    ),
    _ece,
    lambda _d: 1,
)
BITS_PER_BYTE = OutputMetric(
    _facts(
        "perplexity.bits_per_byte",
        "Bits per byte",
        "bit",
        "lower",
        _goes_on,
        About(
            "How many bits a byte of the continuation costs the model.",
            "0 and up",
            "−log₂ of its likelihood over its UTF-8 bytes",
            "Gao et al. 2020 (The Pile, arXiv:2101.00027)",
            "Comparable across tokenizers, not across languages; text seen in training is cheap.",
        ),
    ),
    _each(_bits_per_byte),
)
PERPLEXITY = SetMetric(
    _facts(
        "perplexity.tokens",
        "Perplexity",
        "",
        "lower",
        _goes_on,
        About(
            "Among how many tokens the model hesitates on average.",
            "1 and up",
            "exp of −Σ log-likelihood / Σ tokens over all continuations; 95 % jackknife interval "
            "over prompts",
            "the usual definition",
            "Only comparable under one tokenizer: else read the bits per byte.",
        ),
    ),
    _perplexity,
    lambda _d: 1,
)
