"""Scores within prompts: what every comparison of models starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.selection import Selection

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PromptScores:
    """Ok scores of one metric of V variants on P prompts.

    `prompts` (P,) are the ids of those that any of the asked metrics has a score on, in the
    suite's order; `sums` float64 and `counts` int64, each (V, P), of the scores over seeds.
    """

    prompts: tuple[str, ...]
    sums: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def means(self) -> NDArray[np.float64]:
        """(V, P) means over seeds, NaN where there is no score."""
        means = np.full(self.sums.shape, np.nan)
        np.divide(self.sums, self.counts, out=means, where=self.counts > 0)
        return means


def prompt_scores(
    connection: duckdb.DuckDBPyConnection, selection: Selection, metrics: Sequence[str]
) -> dict[str, PromptScores]:
    """By metric, the ok scores of a selection's variants; metrics on outputs only."""
    raw = connection.execute(
        selection.scored()
        + """
        SELECT variant, list_position($metrics, metric) - 1 AS metric, position, prompt_id,
               dense_rank() OVER (ORDER BY position, prompt_id) - 1 AS prompt,
               sum(value) AS total, count(*) AS number
        FROM scored s WHERE status = 'ok' AND list_contains($metrics, s.metric)
        GROUP BY variant, s.metric, position, prompt_id
        """,
        selection.parameters | {"metrics": list(metrics)},
    ).fetchnumpy()
    found = {name: np.asarray(column) for name, column in raw.items()}
    names = dict(zip(found["prompt"].tolist(), found["prompt_id"].tolist(), strict=True))
    prompts = tuple(str(names[place]) for place in range(len(names)))
    sums = np.zeros((len(metrics), len(selection.variants), len(prompts)))
    counts = np.zeros(sums.shape, dtype=np.int64)
    place = found["metric"], found["variant"], found["prompt"]
    sums[place], counts[place] = found["total"], found["number"]
    return {name: PromptScores(prompts, sums[m], counts[m]) for m, name in enumerate(metrics)}
