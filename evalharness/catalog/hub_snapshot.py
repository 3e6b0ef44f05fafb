"""Where weights are once they are needed: on this machine, or fetched now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Resolution


def folder(what: str, resolution: Resolution, patterns: Sequence[str], repository: str) -> Path:
    """The resolved folder; downloaded from the Hub `repository` where it is not here yet.

    `what` names the model or instrument in errors, `patterns` are those the resolution was made
    with. Raises MissingWeightsError.
    """
    if resolution.location is not None:
        return Path(resolution.location)
    try:
        return Path(
            snapshot_download(
                repository,
                revision=resolution.revision,
                allow_patterns=[p for p in patterns if not p.startswith("!")],
                ignore_patterns=[p.removeprefix("!") for p in patterns if p.startswith("!")],
            )
        )
    except (OSError, ValueError) as error:
        raise MissingWeightsError(
            f"{what}: {repository} cannot be downloaded "
            f"({type(error).__name__}: {error}). On a machine with a network run "
            f"`hf download {repository}`, or give a local folder instead."
        ) from error
