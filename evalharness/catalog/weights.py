"""Where weights are and exactly which they are: a model's or an instrument's `source`.

Four forms: a local folder, a local file, `package:path` (a file inside the installed package)
and a Hub id `org/name[/file]`. As in the model libraries, an existing local path wins over a Hub
id of the same spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from evalharness.catalog import layout
from evalharness.catalog.digests import file_digest, folder_digest
from evalharness.catalog.registry import load
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Resolution

PACKAGE = "package:"
HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+(/[\w.-]+)*")
HUB_RESOLVER = "evalharness.catalog.hub:resolve_hub"
"""Loaded when a Hub id is met: importing the Hub's library would slow every command."""


def resolve_source(
    source: str,
    revision: str | None = None,
    *,
    patterns: Sequence[str],
    what: str,
    variant: str | None = None,
) -> Resolution:
    """Find the weights behind `source`, without loading them.

    `patterns` say which files matter (`"*.safetensors"`, `"*/*.json"`; `*` crosses folders, a
    leading `!` excludes); when one asks for safetensors, weights must be there and whole. Where
    weights of the `variant` (`fp16`) are, they count instead of the plain ones. `what` names the
    model or instrument in errors. Local content is identified by `sha256:…` over names and bytes,
    the same wherever it stands; a `revision` given for it is a pin and must match.

    Raises MissingWeightsError, UntrustedWeightsError (pickles only) and BadInputError (wrong pin).
    """
    path = local_path(source)
    if path is None:
        resolve_hub: Callable[..., Resolution] = load(HUB_RESOLVER)
        return resolve_hub(source, revision, patterns=patterns, what=what, variant=variant)
    if not path.exists():
        raise MissingWeightsError(
            f"{what}: there is nothing at {path} (source {source!r}). Give an existing folder, a "
            "`.safetensors` file or a Hub id such as `org/name`."
        )
    content = _file(path) if path.is_file() else _folder(path, patterns, what, variant)
    found = f"sha256:{content}"
    if revision is not None and revision != found:
        raise BadInputError(
            f"{what}: {source} is pinned to revision {revision}, but its content is {found}. "
            "Restore the pinned weights, or change the revision."
        )
    return Resolution(found, str(path))


def local_path(source: str) -> Path | None:
    """The absolute path a source means on this machine, or None for a Hub id."""
    if source.startswith(PACKAGE):
        return Path(str(files("evalharness"))) / source.removeprefix(PACKAGE)
    path = Path(source).expanduser()
    if not path.exists() and HUB_ID.fullmatch(source):
        return None
    return path.absolute()


def _file(path: Path) -> str:
    layout.refuse_pickles(str(path.parent), [path.name])
    return file_digest(path)


def _folder(path: Path, patterns: Sequence[str], what: str, variant: str | None) -> str:
    names = layout.listing(path)
    layout.refuse_pickles(str(path), names)
    chosen = layout.chosen(names, patterns, variant)
    problems = [] if chosen else [f"no file matches {', '.join(patterns)}"]
    weights = [p for p in patterns if p.endswith(".safetensors") and not p.startswith("!")]
    if chosen and weights:
        problems = layout.gaps(path, chosen, variant)
    if problems:
        raise MissingWeightsError(
            f"{what}: {path} is incomplete: {'; '.join(problems)}. It holds "
            f"{', '.join(names[:8]) or 'no files'}; weights are looked for in "
            f"{', '.join(weights) or 'none of them'}. Copy the whole folder again."
        )
    return folder_digest(path, chosen)
