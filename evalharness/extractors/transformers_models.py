"""Loading what `transformers_weights` found: in fp32, whole, and without remote code.

Imported only in an extractor's child.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

from evalharness.catalog import hub_snapshot
from evalharness.catalog.transformers_folder import FILES, HUB, UNLOADABLE, check_folder
from evalharness.core.errors import HarnessError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument, Resolution


def model_folder(
    instrument: Instrument, resolution: Resolution, files: Sequence[str] = FILES
) -> Path:
    """The resolved folder, fetched from the Hub where it is not here; raises HarnessError."""
    repository = instrument.source.removeprefix(HUB)
    what = f"instrument {instrument.name!r}"
    folder = hub_snapshot.folder(what, resolution, files, repository)
    check_folder(folder, what)
    return folder


def load_model(
    kind: Any, folder: Path, instrument: Instrument, unread: tuple[str, ...] = (), **options: Any
) -> Any:
    """A model in fp32 and eval mode by one of transformers' classes (`AutoModel…`).

    `options` go to `from_pretrained`. Raises MissingWeightsError where weights are missing, cut or
    of another shape (transformers itself would fill them in at random), but for missing ones whose
    names start as one of `unread`; UntrustedWeightsError where the folder asks for code of its own.
    """
    _quieten()
    try:
        model, told = kind.from_pretrained(
            str(folder),
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # told below, with the others
            output_loading_info=True,
            **options,
        )
    except UNLOADABLE as error:
        raise _refusal(kind, folder, instrument, error) from error
    lacking = sorted({*told["missing_keys"], *(found[0] for found in told["mismatched_keys"])})
    lacking = [name for name in lacking if not name.startswith(unread)]
    if lacking:
        raise MissingWeightsError(
            f"instrument {instrument.name!r}: {folder} lacks {len(lacking)} weights of "
            f"{type(model).__name__} ({', '.join(lacking[:3])}). It holds another model, or is "
            "damaged: copy the whole folder again."
        )
    return model.eval()


def load_processor(kind: Any, folder: Path, instrument: Instrument, **options: Any) -> Any:
    """A picture processor or tokenizer by one of transformers' classes (`AutoImageProcessor` …).

    Raises MissingWeightsError and UntrustedWeightsError.
    """
    try:
        return kind.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, **options
        )
    except UNLOADABLE as error:
        raise _refusal(kind, folder, instrument, error) from error


def _quieten() -> None:
    """No progress bars and reports on the terminal: what matters in them is raised."""
    told: Any = transformers.utils.logging
    told.disable_progress_bar()
    told.set_verbosity_error()


def _refusal(kind: Any, folder: Path, instrument: Instrument, error: Exception) -> HarnessError:
    what = f"instrument {instrument.name!r}"
    if "trust_remote_code" in str(error):
        return UntrustedWeightsError(
            f"{what}: {folder} can only be loaded by running code that it brings along. Choose a "
            "model whose architecture is part of transformers."
        )
    return MissingWeightsError(
        f"{what}: {kind.__name__} cannot load {folder} ({type(error).__name__}: "
        f"{str(error).strip().splitlines()[0] if str(error).strip() else 'no reason given'}). "
        "Check that the folder is whole and holds this kind of model."
    )
