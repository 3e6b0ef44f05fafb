"""`sentence`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding, AutoTokenizer

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.fp32 import best_device, full_precision, in_order, to_rows
from evalharness.extractors.sentence import FOLDER_FILES
from evalharness.extractors.sentence_layout import Layout, read_layout
from evalharness.extractors.sentence_pooling import pooled
from evalharness.extractors.subjects import UnreadableSubjectError, words
from evalharness.extractors.transformers_models import load_model, load_processor, model_folder
from evalharness.metrics.text.answers import readable

READER = "sentence"
STEP = 16
"""Texts are padded to a multiple of so many tokens: what stands beside a text in its batch must
not decide how long it is computed."""
TWO_HALVES = ("mt5", "t5", "umt5")
"""Architectures that read and write, of which sentence-embedding models keep the reading half."""

NO_LIMIT = 1_000_000
"""Tokenizers without a limit of their own say `model_max_length` = 1e30."""
TOKENS_AT_ONCE = 8192
MOST_ROWS = 32


class SentenceExtractor:
    """Vectors float32 (d,) of texts, as sentence-transformers' `encode` gives them.

    A text longer than the model reads is cut at its end, and `detail` says so: `{"truncated": true,
    "tokens": n}`. Lone surrogates are read as U+FFFD.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = model_folder(self._instrument, self._resolution, FOLDER_FILES)
        self._layout = layout = read_layout(folder, self._instrument)
        self._tokenizer = _tokenizer(layout, self._instrument)
        self._device = best_device()
        self._encoder = _encoder(layout, self._instrument).to(self._device)
        self._after = [
            None if path is None else _linear(path).to(self._device) for path in layout.after
        ]
        self._room = self._most_tokens()
        self._prefix_tokens = 0 if layout.pools_prefix else self._count_prefix()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._encoder, self._after

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One vector a text; raises UnreadableSubjectError for one without any token."""
        texts = [self._layout.prefix + readable(text) for text in words(subjects, READER)]
        if not texts:
            return []
        needed = self._tokenizer(texts, add_special_tokens=True, verbose=False)["input_ids"]
        tokens = self._tokenizer(
            texts, add_special_tokens=True, truncation=self._room is not None, max_length=self._room
        )["input_ids"]
        if not all(tokens):
            raise UnreadableSubjectError(
                f"{READER}: {self._instrument.name!r} makes no token of an empty text."
            )
        with full_precision():
            parts = [(places, self._vectors(tokens, places)) for places in _batches(tokens)]
        return [
            FeatureValue(vector=row, detail=_truncation(len(whole), self._room))
            for row, whole in zip(in_order(parts), needed, strict=True)
        ]

    def _vectors(
        self, tokens: Sequence[Sequence[int]], places: Sequence[int]
    ) -> NDArray[np.float32]:
        length = _padded(len(tokens[places[0]]))
        rows = _rows(length)
        ids = torch.full((rows, length), self._tokenizer.pad_token_id or 0)
        mask = torch.zeros((rows, length), dtype=torch.int64)
        for row in range(rows):  # short batches are filled up with their first text
            own = tokens[places[row] if row < len(places) else places[0]]
            ids[row, : len(own)] = torch.tensor(own)
            mask[row, : len(own)] = 1
        mask = mask.to(self._device)
        hidden = self._encoder(input_ids=ids.to(self._device), attention_mask=mask)
        found = pooled(self._layout.poolings, hidden.last_hidden_state, mask, self._prefix_tokens)
        for layer in self._after:
            found = nn.functional.normalize(found, dim=-1) if layer is None else layer(found)
        return to_rows(found[: len(places)], READER)

    def _most_tokens(self) -> int | None:
        """What the folder says, bounded by the positions that the encoder has; None: any number."""
        config, told = self._encoder.config, self._layout.room
        limits = [int(self._tokenizer.model_max_length) if told is None else told]
        if (positions := getattr(config, "max_position_embeddings", None) or 0) > 0:
            limits.append(positions - _first_position(self._encoder))
        return min((limit for limit in limits if limit < NO_LIMIT), default=None)

    def _count_prefix(self) -> int:
        """Tokens of the prefix and of what stands before it, as sentence-transformers counts."""
        if not self._layout.prefix:
            return 0
        ids = self._tokenizer(self._layout.prefix, add_special_tokens=True)["input_ids"]
        return len(ids) - (ids[-1] in self._tokenizer.all_special_ids)


def _tokenizer(layout: Layout, instrument: Instrument) -> Any:
    tokenizer = load_processor(AutoTokenizer, layout.encoder, instrument)
    if layout.lowercase and tokenizer.is_fast:
        from tokenizers import normalizers  # noqa: PLC0415 - few models need it

        own = tokenizer.backend_tokenizer.normalizer
        lower = [normalizers.Lowercase(), *([] if own is None else [own])]
        tokenizer.backend_tokenizer.normalizer = normalizers.Sequence(lower)
    return tokenizer


def _encoder(layout: Layout, instrument: Instrument) -> Any:
    config = load_processor(AutoConfig, layout.encoder, instrument)
    kind = AutoModelForTextEncoding if config.model_type in TWO_HALVES else AutoModel
    # what stands on top of an encoder to classify a text is not read, and often not there
    return load_model(kind, layout.encoder, instrument, unread=("pooler.",))


def _linear(folder: Path) -> nn.Module:
    """A `Dense` layer: linear, then its activation."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        state = load_file(folder / "model.safetensors")
        wide, narrow = state["linear.weight"].shape[::-1]
        layer = nn.Linear(wide, narrow, bias="linear.bias" in state)
        layer.load_state_dict({k.removeprefix("linear."): v.float() for k, v in state.items()})
        name = str(config.get("activation_function", "torch.nn.modules.activation.Tanh"))
        activation = {"Tanh": nn.Tanh, "Identity": nn.Identity, "GELU": nn.GELU, "ReLU": nn.ReLU}[
            name.rpartition(".")[2]
        ]()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise MissingWeightsError(
            f"{folder} holds no linear layer that can be read ({type(error).__name__}: {error}). "
            "Expected config.json with an activation of Tanh, Identity, GELU or ReLU beside "
            "model.safetensors."
        ) from error
    return nn.Sequential(layer, activation).eval()


def _first_position(encoder: Any) -> int:
    """Positions that RoBERTa and its kin leave unused: those up to the padding's own number."""
    for module in encoder.modules():
        table = getattr(module, "position_embeddings", None)
        if isinstance(table, nn.Embedding) and table.padding_idx is not None:
            return int(table.padding_idx) + 1
    return 0


def _padded(length: int) -> int:
    return -(-length // STEP) * STEP


def _rows(length: int) -> int:
    """How many texts of a (padded) length are computed together."""
    return max(1, min(MOST_ROWS, TOKENS_AT_ONCE // length))


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The places of texts whose padded length is one, in groups of `_rows`."""
    groups: dict[int, list[int]] = {}
    for place, own in enumerate(tokens):
        groups.setdefault(_padded(len(own)), []).append(place)
    for length, places in groups.items():
        rows = _rows(length)
        yield from (places[i : i + rows] for i in range(0, len(places), rows))


def _truncation(needed: int, room: int | None) -> Json:
    cut = room is not None and needed > room
    return {"truncated": True, "tokens": needed} if cut else None
