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
from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihoods
from evalharness.core.tables import OutputTable, PromptValues, SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.pooled import Counts, metric_by_prompt, pooled

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


def _right_place(prompt: Prompt) -> int:
    return compared(prompt).index(prompt.target or "")


def bytes_in(text: str) -> int:
    """UTF-8 bytes of a text; a lone surrogate counts as one."""
    return len(text.encode("utf-8", "replace"))


def logs_of(found: Likelihoods) -> FloatArray:
    """(m,): the natural logarithms of the continuations' likelihoods."""
    return np.array([one.log for one in found.of], np.float64)


def _sizes(found: Likelihoods, size: Callable[[str], int]) -> FloatArray:
    """(m,): of the continuations without the white space that joins them to the prompt."""
    return np.array([max(1, size(one.text.strip())) for one in found.of], np.float64)


def _correct(prompt: Prompt, found: Likelihoods) -> float:
    chances(logs_of(found))
    return float(int(logs_of(found).argmax()) == _right_place(prompt))


def _correct_by_byte(prompt: Prompt, found: Likelihoods) -> float:
    chances(logs_of(found))
    each = logs_of(found) / _sizes(found, bytes_in)
    return float(int(each.argmax()) == _right_place(prompt))


def _correct_by_character(prompt: Prompt, found: Likelihoods) -> float:
    chances(logs_of(found))
    each = logs_of(found) / _sizes(found, len)
    return float(int(each.argmax()) == _right_place(prompt))


def _brier(prompt: Prompt, found: Likelihoods) -> float:
    given = chances(logs_of(found))
    given[_right_place(prompt)] -= 1.0
    return float(np.square(given).sum())


def _surprise(prompt: Prompt, found: Likelihoods) -> float:
    logs = logs_of(found)
    chances(logs)
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).sum())) - float(logs[_right_place(prompt)])


def each_likelihood(
    judge: Callable[[Prompt, Likelihoods], float],
) -> Callable[[OutputTable], FloatArray]:
    """A measure (n,) that gives every answer's score; NaN for outputs without likelihoods."""

    def measure(table: OutputTable) -> FloatArray:
        scores = np.full(len(table), np.nan)
        for i, (prompt, found) in enumerate(zip(table.prompts, table.likelihoods, strict=True)):
            if found is not None and found.of:
                scores[i] = judge(prompt, found)
        return scores

    return measure


def _ece(table: SetTable) -> PromptValues:
    sure, right = [], []
    for prompt, found in zip(table.outputs.prompts, table.outputs.likelihoods, strict=True):
        given = chances(logs_of(found or Likelihoods(())))
        sure.append(float(given.max()))
        right.append(float(int(given.argmax()) == _right_place(prompt)))
    counts = _bin_counts(np.array(sure), np.array(right), BINS)
    return pooled(counts, table.clusters, _gap)


def likelihood_facts(
    name: str,
    title: str,
    unit: str,
    direction: Direction,
    applies: Callable[[Prompt], bool],
    about: About,
    version: int = 1,
) -> MetricFacts:
    """What metrics of likelihoods declare alike."""
    return MetricFacts(
        name=name,
        version=version,
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
    likelihood_facts(
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
    each_likelihood(_correct),
)
CORRECT_BY_BYTE = OutputMetric(
    likelihood_facts(
        "likelihood.correct_by_byte",
        "Right choice (likelihood by byte)",
        "share",
        "higher",
        _chooses,
        About(
            "Whether the model finds the right continuation the likeliest for its length.",
            "0 or 1",
            "1 where the target has the highest log-likelihood per UTF-8 byte, white space around "
            "continuations not counted",
            "acc_bytes in lm-evaluation-harness",
            "Favours long continuations of predictable words.",
        ),
        version=2,
    ),
    each_likelihood(_correct_by_byte),
)
CORRECT_BY_CHARACTER = OutputMetric(
    likelihood_facts(
        "likelihood.correct_by_character",
        "Right choice (likelihood by character)",
        "share",
        "higher",
        _chooses,
        About(
            "Whether the model finds the right continuation the likeliest for its length.",
            "0 or 1",
            "1 where the target has the highest log-likelihood per character, white space around "
            "continuations not counted",
            "acc_norm in lm-evaluation-harness",
            "Favours long continuations of predictable words; a character is worth more in "
            "Chinese than in English, so read the bytes where languages are mixed.",
        ),
    ),
    each_likelihood(_correct_by_character),
)
BRIER = OutputMetric(
    likelihood_facts(
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
    each_likelihood(_brier),
)
SURPRISE = OutputMetric(
    likelihood_facts(
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
    each_likelihood(_surprise),
)
ECE = metric_by_prompt(
    likelihood_facts(
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
            "Too high for few answers, as each bin's noise counts: of a calibrated model about "
            "0.11 for 100, 0.035 for 1,000. So compare equal n; there differences of two models "
            f"come out too small, and are seen late rather than falsely. {_ONLY}",
        ),
    ),
    _ece,
    any_size=False,
)
