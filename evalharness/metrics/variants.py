"""Agreement of the variants of one prompt, paired: what `robustness` and `multilingual` share.

Every picture is compared with what its prompt means (`checks.meaning`, the same for a whole group),
so that a misspelt or a translated prompt is judged by what was wanted, never by how it was written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from evalharness.core.tables import SetTable
from evalharness.metrics.clip_score import clip_score

Agreements: TypeAlias = Mapping[str, Mapping[int, float]]
"""Variant → seed → 100 · max(cos, 0)."""


def agreements(table: SetTable, tag: str) -> dict[str, dict[str, dict[int, float]]]:
    """Group (tag `group`) → variant (the value of `tag`) → seed → agreement, in 0…100."""
    seen = table.outputs.seen
    scores = clip_score(seen["output"].each_vector(), seen["prompt"].each_vector())
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for prompt, seed, score in zip(table.outputs.prompts, table.outputs.seeds, scores, strict=True):
        found[prompt.tags["group"]][prompt.tags[tag]][int(seed)] = float(score)
    return found


def drop(group: Agreements, original: str, variant: str) -> float | None:
    """Mean over common seeds of the original's agreement less the variant's; None without any.

    Equal seeds start from equal noise, so that their difference is the variant's doing.
    """
    one, other = group.get(original, {}), group.get(variant, {})
    common = one.keys() & other.keys()
    if not common:
        return None
    return float(np.mean([one[seed] - other[seed] for seed in sorted(common)]))
