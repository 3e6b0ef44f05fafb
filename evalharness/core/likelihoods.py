"""Likelihoods as the text they are stored in, and back."""

from __future__ import annotations

import json

from evalharness.core.outcomes import Likelihood, Likelihoods


def written(likelihoods: Likelihoods) -> str:
    """JSON, `[[text, log, tokens, greedy], …]`; raises ValueError for NaN and infinity."""
    rows = [[one.text, one.log, one.tokens, one.greedy] for one in likelihoods.of]
    return json.dumps(rows, ensure_ascii=False, allow_nan=False)


def read(text: str) -> Likelihoods:
    """What `written` wrote."""
    return Likelihoods(tuple(Likelihood(*row) for row in json.loads(text)))
