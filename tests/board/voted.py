"""Votes laid out by hand on a bench's outputs."""

from __future__ import annotations

from typing import Any

from evalharness.ledger.rows import VoteRow


def vote(
    bench: Any,
    suite: str,
    models: tuple[str, str],
    prompt: int,
    choice: str,
    *,
    seed: int = 0,
    setting: int = 1,
    voter: str = "somebody",
    name: str | None = None,
) -> str:
    """One vote on the outputs of two models (left, right) to a prompt; returns its key."""
    from tests.board.conftest import sha

    left, right = models
    key = name or sha("vote", len(bench.rows), models, prompt, seed)
    bench.add(
        VoteRow, vote=key, suite=suite, prompt_id=f"p{prompt}", seed=seed,
        left_model=left, left_variant=sha("variant", left, setting),
        left_job=sha("job", left, prompt, seed, setting), left_take=0,
        right_model=right, right_variant=sha("variant", right, setting),
        right_job=sha("job", right, prompt, seed, setting), right_take=0,
        choice=choice, voter=voter,
    )  # fmt: skip
    return key
