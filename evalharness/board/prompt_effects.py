"""What prompts themselves do to answers, told apart from what models do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.board.statistics import mean_of_known

Floats = NDArray[np.float64]


def without_prompt_effects(values: Floats) -> tuple[Floats, Floats]:
    """Answers (V, P, …) less each prompt's effect, and those effects (P, …).

    Least squares of model + prompt, models' effects adding up to 0 (two-way analysis of variance
    with unequal numbers, Yates 1934). Where every model answered every prompt, an effect is the
    prompt's mean over models; where some did not, that mean would depend on who did, and models
    would gain by the company they keep. NaN where a model has no answer, or no other has one.
    """
    flat = values.reshape(*values.shape[:2], -1)
    has: NDArray[np.bool_] = np.asarray(np.isfinite(flat).all(axis=2))
    has = has & (has.sum(axis=0) > 1)
    counts = np.maximum(has.sum(axis=0), 1)
    known = np.where(has[..., None], flat, 0.0)
    means = known.sum(axis=0) / counts[:, None]
    if not (has == has.any(axis=0)).all():
        shares = has / counts
        normal = np.diag(has.sum(axis=1).astype(np.float64)) - shares @ has.T
        sums = np.where(has[..., None], known - means, 0.0).sum(axis=1)
        models = np.linalg.pinv(normal, hermitian=True) @ sums
        means = means - shares.T @ models
    own = np.where(has[..., None], flat - means, np.nan)
    seen: NDArray[np.bool_] = np.asarray(has.any(axis=0))
    effects = np.where(seen[:, None], means, np.nan)
    return own.reshape(values.shape), effects.reshape(values.shape[1:])


def pool_means(means: Floats) -> Floats:
    """The mean of V models on each prompt, (V, P) → (P,), as if all had answered it.

    Where some did not, the plain mean would be that of whoever did, and move with the company.
    The prompt's effect is taken instead, with models' effects from all prompts; where a single
    model answered, its answer less its own effect. NaN where nothing is known of any who answered.
    """
    if len(means) < 2:
        return mean_of_known(means, axis=0)
    own, effects = without_prompt_effects(means)
    alone = np.isfinite(means).sum(axis=0) == 1
    if alone.any():
        models = mean_of_known(own, axis=1)
        effects[alone] = mean_of_known(means[:, alone] - models[:, None], axis=0)
    return effects
