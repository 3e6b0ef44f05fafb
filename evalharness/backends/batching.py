"""Jobs that can be answered together."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from evalharness.core.keys import digest, plain
from evalharness.core.nouns import Job


def group_jobs(jobs: Sequence[Job]) -> dict[str, list[Job]]:
    """Jobs with equal settings and negative prompt, in order of their first appearance."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        key = digest({"settings": plain(dict(job.settings)), "negative": job.negative})
        groups.setdefault(key, []).append(job)
    return groups


def take_batch(pending: deque[Job], size: int, alone: set[str]) -> list[Job]:
    """Remove the next batch from `pending`: up to `size` jobs, or one that must go alone."""
    batch = [pending.popleft()]
    if batch[0].key in alone:
        return batch
    while pending and len(batch) < size and pending[0].key not in alone:
        batch.append(pending.popleft())
    return batch
