"""Models on the Hugging Face Hub: which commit is meant, and is it already on this machine?

The cache's layout is documented (`models--org--name/{refs,snapshots,blobs}`), so looking into it
needs no network. A pinned commit that is cached asks nobody anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError

from evalharness.catalog import layout
from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Resolution

COMMIT = re.compile(r"[0-9a-f]{40}")
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class HubSource:
    """`org/name`, or one file of it: `org/name/folder/file.safetensors`."""

    repo: str
    file: str | None = None

    @staticmethod
    def parse(source: str) -> HubSource:
        """Split at the second slash."""
        org, name, *rest = source.split("/")
        return HubSource(f"{org}/{name}", "/".join(rest) or None)

    @property
    def cache(self) -> Path:
        """The repository's folder in the Hugging Face cache, there or not."""
        return Path(constants.HF_HUB_CACHE) / f"models--{self.repo.replace('/', '--')}"


def resolve_hub(
    source: str,
    revision: str | None,
    *,
    patterns: Sequence[str],
    what: str,
    variant: str | None = None,
) -> Resolution:
    """The commit meant, and its snapshot if it is whole in the cache.

    Online, a branch or tag is looked up (and `download_bytes` told when not cached); offline, or
    when the Hub cannot be reached, the cache's refs answer. Raises MissingWeightsError and
    UntrustedWeightsError.
    """
    hub = HubSource.parse(source)
    wanted = _Wanted((hub.file,)) if hub.file else _Wanted(tuple(patterns), variant)
    if revision and COMMIT.fullmatch(revision):
        location = _cached(hub, revision, wanted)
        if location:
            return Resolution(revision, str(location))
    listed, problem = _ask_hub(hub, revision)
    commit = listed.commit if listed else _cached_commit(hub, revision)
    location = _cached(hub, commit, wanted) if commit else None
    if commit and location:
        return Resolution(commit, str(location))
    if listed is None:
        raise _missing(hub, revision, what, problem)
    return Resolution(listed.commit, None, _download_bytes(hub, listed, wanted, what))


@dataclass(frozen=True, slots=True)
class _Wanted:
    patterns: tuple[str, ...]
    variant: str | None = None

    @property
    def needs_weights(self) -> bool:
        return any(p.endswith(".safetensors") for p in self.patterns)

    def chosen(self, names: Iterable[str]) -> list[str]:
        return layout.chosen(names, self.patterns, self.variant)


@dataclass(frozen=True, slots=True)
class _Listed:
    commit: str
    sizes: dict[str, int]


def _ask_hub(hub: HubSource, revision: str | None) -> tuple[_Listed | None, str]:
    """What the Hub says, or None and why it said nothing."""
    if constants.HF_HUB_OFFLINE:
        return None, "HF_HUB_OFFLINE is set, so the Hub was not asked"
    try:
        info = huggingface_hub.HfApi().model_info(
            hub.repo, revision=revision, files_metadata=True, timeout=TIMEOUT_S
        )
    except HfHubHTTPError as error:
        return None, f"the Hub answered: {str(error).strip().splitlines()[-1]}"
    except Exception as error:  # the HTTP library's own errors changed with every major version
        return None, f"the Hub could not be reached ({type(error).__name__}: {error})"
    if info.sha is None:
        return None, "the Hub told no commit"
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    return _Listed(info.sha, sizes), ""


def _cached_commit(hub: HubSource, revision: str | None) -> str | None:
    if revision and COMMIT.fullmatch(revision):
        return revision
    ref = hub.cache / "refs" / (revision or "main")
    return ref.read_text("utf-8").strip() if ref.is_file() else None


def _cached(hub: HubSource, commit: str, wanted: _Wanted) -> Path | None:
    """The snapshot (or the file in it), when all that is needed is there."""
    snapshot = hub.cache / "snapshots" / commit
    if hub.file:
        file = snapshot / hub.file
        return file if file.is_file() else None
    if not snapshot.is_dir():
        return None
    names = layout.listing(snapshot)
    layout.refuse_pickles(str(snapshot), names)
    chosen = wanted.chosen(names)
    if not chosen:
        return None
    gaps = wanted.needs_weights and layout.gaps(snapshot, chosen, wanted.variant)
    return None if gaps else snapshot


def _download_bytes(hub: HubSource, listed: _Listed, wanted: _Wanted, what: str) -> int:
    if not hub.file:
        layout.refuse_pickles(hub.repo, listed.sizes)
    names = wanted.chosen(listed.sizes)
    there = {layout.variant_of(name) for name in names} - {None}
    lacking = wanted.needs_weights and not there
    if not names or lacking or (wanted.variant and wanted.variant not in there):
        variant = f" of variant {wanted.variant!r}" if wanted.variant else ""
        raise MissingWeightsError(
            f"{what}: {hub.repo} at {listed.commit} has no {'weights' if names else 'file'}"
            f"{variant} matching {', '.join(wanted.patterns)}. "
            f"It holds: {_some_of(listed.sizes)}."
        )
    return sum(listed.sizes[name] for name in names)


def _some_of(names: Iterable[str]) -> str:
    """The first names, weights before all others."""
    return ", ".join(sorted(names, key=lambda n: (layout.variant_of(n) is None, n))[:8])


def _missing(hub: HubSource, revision: str | None, what: str, problem: str) -> MissingWeightsError:
    at = f" --revision {revision}" if revision else ""
    file = f" {hub.file}" if hub.file else ""
    return MissingWeightsError(
        f"{what}: the weights of {hub.repo}{f'@{revision}' if revision else ''}{file} are not "
        f"(completely) in the cache at {hub.cache}, and {problem}. On a machine with a network "
        f"run `hf download {hub.repo}{file}{at}`, or give a local folder instead."
    )
