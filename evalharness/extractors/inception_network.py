"""`inception`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError

import numpy as np
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.checkpoint_file import read_state
from evalharness.extractors.fp32 import best_device, by_parts, full_precision, to_rows
from evalharness.extractors.inception import (
    NAMES,
    SHA256,
    URL,
    cache_folder,
    check_options,
    missing,
)
from evalharness.extractors.inception_recipes import RECIPES
from evalharness.extractors.inception_trunk import trunk
from evalharness.extractors.subjects import pixels

READER = "inception"
RESIZERS = min(4, os.cpu_count() or 1)


class InceptionExtractor:
    """A picture's 2048 float32 features from the pooling layer, or its 1008 logits.

    Preprocessing is the recipe of the option `resize` to 299×299, by default the network's own
    (bilinear as TensorFlow 1 did it, without antialiasing), then (x − 128) / 128; all in fp32.
    The logits are those without the classifier's bias (torch-fidelity's `logits_unbiased`), which
    the published Inception Scores use.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        location = self._resolution.location
        path = Path(location) if location is not None else _download(self._instrument)
        self._device = best_device()
        resize, features = check_options(self._instrument)
        self._resize = RECIPES[resize]
        network = build(read_state(path), str(path))
        classifier = network.fc.weight.detach().to(self._device)
        self._classifier = classifier if features == "logits" else None
        self._trunk = trunk(network).to(self._device)
        self._pool = ThreadPoolExecutor(RESIZERS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()
        del self._trunk, self._classifier

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One vector per picture; raises UnreadableSubjectError for anything else."""
        resized = list(self._pool.map(self._resize, pixels(subjects, READER)))
        if not resized:
            return []
        # (n, h, w, 3) in memory seen as (n, 3, h, w) is what channels-last means
        ready = torch.from_numpy(np.stack(resized)).to(self._device).permute(0, 3, 1, 2)
        ready.sub_(128).div_(128)
        with full_precision():
            features = by_parts(self._trunk, ready, on_a_cpu=4)
            if self._classifier is not None:
                features = features @ self._classifier.T
        return [FeatureValue(vector=row) for row in to_rows(features, READER)]


def build(state: Mapping[str, Any], origin: str) -> FeatureExtractorInceptionV3:
    """The network with these weights; raises BadInputError where they are another network's.

    Its constructor unpickles whatever its path holds, so it is handed bytes written right here
    from tensors that are loaded already.
    """
    own_bytes = BytesIO()
    torch.save(dict(state), own_bytes)
    own_bytes.seek(0)
    try:
        return FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=own_bytes
        )
    except RuntimeError as error:
        raise BadInputError(
            f"{origin} does not hold the weights of torch-fidelity's FID network: "
            f"{str(error).splitlines()[0]} Use the file at {URL}."
        ) from error


def _download(instrument: Instrument) -> Path:
    target = cache_folder() / NAMES[0]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(URL, str(target), hash_prefix=SHA256, progress=False)
    except (URLError, OSError, RuntimeError) as error:
        raise missing(instrument, f"and they cannot be downloaded ({error})") from error
    return target
