"""Datasets on the Hugging Face Hub as files: `hf:org/name[:split]`, `hf:org/name/file.json`.

The Hub keeps every public dataset as Parquet, too (its branch refs/convert/parquet), so that no
script of a dataset ever has to run here.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants

from evalharness.catalog.hub import HubSource
from evalharness.core.errors import BadInputError

PREFIX = "hf:"
_CONVERTED = "refs/convert/parquet"


def dataset_path(source: str, *, fetching: bool = True) -> Path:
    """A file of a dataset, or the folder of one split's Parquet files, fetched into the cache.

    Without a network, or not `fetching`, what is in the cache is used. A split may be written with
    its configuration (`default/train`) and left out where there is one only. Raises BadInputError.
    """
    name, _, split = source.removeprefix(PREFIX).partition(":")
    if name.count("/") < 1 or not all(name.split("/")):
        raise BadInputError(
            f"{source!a}: expected hf:ORG/NAME, hf:ORG/NAME:SPLIT or hf:ORG/NAME/FILE."
        )
    hub = HubSource.parse(name)
    if hub.file:
        return _fetch(hub.repo, hub.file, None, fetching)
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for file in _converted_files(hub.repo, fetching):
        if file.endswith(".parquet"):
            folders[file.rpartition("/")[0]].append(file)
    chosen = [f for f in folders if not split or split in (f, f.rpartition("/")[2])]
    if len(chosen) != 1:
        there = ", ".join(f"{PREFIX}{hub.repo}:{folder}" for folder in sorted(folders))
        raise BadInputError(
            f"{source}: found {len(chosen) or 'no'} such splits; expected one of {there or 'none'}."
        )
    parts = [_fetch(hub.repo, file, _CONVERTED, fetching) for file in folders[chosen[0]]]
    return parts[0].parent


def _converted_files(repo: str, fetching: bool) -> list[str]:
    problem = "HF_HUB_OFFLINE is set, so the Hub was not asked"
    if fetching and not constants.HF_HUB_OFFLINE:
        try:
            return huggingface_hub.HfApi().list_repo_files(
                repo, repo_type="dataset", revision=_CONVERTED
            )
        except Exception as error:  # as in catalog.hub: the HTTP library's errors change
            problem = _short(error)
    commit = _cache(repo) / "refs" / _CONVERTED
    if not commit.is_file():
        raise _missing(repo, problem)
    snapshot = _cache(repo) / "snapshots" / commit.read_text("utf-8").strip()
    return [path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*.parquet")]


def _fetch(repo: str, file: str, revision: str | None, fetching: bool) -> Path:
    try:
        found = huggingface_hub.hf_hub_download(
            repo, file, repo_type="dataset", revision=revision, local_files_only=not fetching
        )
    except Exception as error:  # as above
        raise _missing(f"{repo} {file}", _short(error)) from None
    return Path(found)


def _cache(repo: str) -> Path:
    return Path(constants.HF_HUB_CACHE) / f"datasets--{repo.replace('/', '--')}"


def _short(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _missing(what: str, problem: str) -> BadInputError:
    return BadInputError(
        f"The dataset {what} is not (completely) in the cache at {constants.HF_HUB_CACHE}, and it "
        f"could not be fetched: {problem}. On a machine with a network run `hf download {what} "
        "--repo-type dataset`, or give a local file instead."
    )
