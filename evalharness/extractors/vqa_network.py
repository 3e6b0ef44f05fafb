"""`vqa`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.fp32 import best_device, full_precision, to_rows
from evalharness.extractors.subjects import Pixels, UnreadableSubjectError, pairs
from evalharness.extractors.transformers_models import load_model, load_processor, model_folder
from evalharness.extractors.vqa import dtype_of

READER = "vqa"
SPELLINGS = {"yes": ("yes", "Yes", "YES"), "no": ("no", "No", "NO")}
SPACES = ("", "▁", "Ġ")
"""How vocabularies write a word's start: not at all, SentencePiece's way, byte-level BPE's way."""
LEAST_ANSWERING = 0.01
"""Of P(yes) + P(no): below it the share of yes is one of noise."""


class VqaExtractor:
    """P(yes) / (P(yes) + P(no)) of the first answer token: the scalar of a picture and a question.

    Both sum over the spellings that are one token of the model's vocabulary. The question is put as
    the user's turn of the model's own chat template, the picture before it; a model without one
    reads `Question: … Answer:`. `detail` has `answering`, the probability P(yes) + P(no) that the
    model answers so at all; below 0.01 there is no scalar.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = model_folder(self._instrument, self._resolution)
        self._processor = load_processor(AutoProcessor, folder, self._instrument)
        tokenizer = self._processor.tokenizer
        tokenizer.padding_side = "left"  # so that every row's answer follows its last token
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        added = tokenizer.added_tokens_decoder.values()
        self._control = [str(token) for token in added if token.special]
        self._answers = {word: _tokens(tokenizer, word, self._instrument) for word in SPELLINGS}
        model = load_model(AutoModelForImageTextToText, folder, self._instrument)
        self._dtype: torch.dtype = getattr(torch, dtype_of(self._instrument))
        self._device = best_device()
        self._model: Any = model.to(self._device, self._dtype)
        text = model.config.get_text_config()
        self._room: int | None = getattr(text, "max_position_embeddings", None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._model

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One probability per pair.

        Raises UnreadableSubjectError for anything but pairs, for questions with control tokens or
        longer than the model's context (they are never cut), for NaN, and where the model answers
        neither yes nor no.
        """
        asked = pairs(subjects, READER)
        if not asked:
            return []
        self._refuse_control(text for _, text in asked)
        inputs = self._inputs(asked)
        self._refuse_too_long(inputs)
        with full_precision():
            given = self._model.generate(
                **inputs,
                max_new_tokens=1,
                do_sample=False,
                output_logits=True,
                return_dict_in_generate=True,
                pad_token_id=self._processor.tokenizer.pad_token_id,
            )
            likely = torch.log_softmax(given.logits[0].float(), dim=-1)
            yes, no = (likely[:, self._answers[word]].logsumexp(dim=-1) for word in ("yes", "no"))
            found = torch.stack([torch.sigmoid(yes - no), yes.exp() + no.exp()], dim=1)
        rows = to_rows(found, READER)
        self._refuse_other_answers(float(rows[:, 1].min()))
        return [
            FeatureValue(scalar=float(probability), detail={"answering": float(answering)})
            for probability, answering in rows
        ]

    def _inputs(self, asked: Sequence[tuple[Pixels, str]]) -> Mapping[str, Any]:
        """What the model reads: tokens padded on the left, and pictures."""
        images = [Image.fromarray(picture) for picture, _ in asked]
        if getattr(self._processor, "chat_template", None):
            talks = [_question(image, text) for image, (_, text) in zip(images, asked, strict=True)]
            ready = self._processor.apply_chat_template(
                talks,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                processor_kwargs={"padding": True},
            )
        else:
            place = getattr(self._processor, "image_token", "")
            texts = [f"{place}Question: {text} Answer:" for _, text in asked]
            ready = self._processor(text=texts, images=images, padding=True, return_tensors="pt")
        moved: Mapping[str, Any] = ready.to(self._device, self._dtype)  # integers stay integers
        return moved

    def _refuse_control(self, texts: Iterable[str]) -> None:
        """A prompt with the model's control tokens could end its own turn and answer itself."""
        for text in texts:
            control = next((token for token in self._control if token in text), None)
            if control is not None:
                raise UnreadableSubjectError(
                    f"{READER}: the question {text[:80]!r} holds {control!r}, which is a control "
                    f"token of {self._instrument.name!r}. Take it out of the prompt."
                )

    def _refuse_too_long(self, inputs: Mapping[str, Any]) -> None:
        needed = int(inputs["input_ids"].shape[1])
        if self._room is not None and needed >= self._room:
            raise UnreadableSubjectError(
                f"{READER}: the picture and its question are {needed} tokens; {READER} with "
                f"{self._instrument.name!r} holds {self._room - 1}, and a question is never cut. "
                "Ask a shorter one, or choose a model with a longer context."
            )

    def _refuse_other_answers(self, answering: float) -> None:
        if answering < LEAST_ANSWERING:
            raise UnreadableSubjectError(
                f"{READER}: the model does not answer yes or no: {self._instrument.name!r} gives "
                f"both together a probability of {answering:.2g}, expected at least "
                f"{LEAST_ANSWERING}. Ask a question that yes or no answers, or choose a model "
                "that is trained on such."
            )


def _question(image: Image.Image, text: str) -> list[dict[str, Any]]:
    content = [{"type": "image", "image": image}, {"type": "text", "text": text}]
    return [{"role": "user", "content": content}]


def _tokens(tokenizer: Any, word: str, instrument: Instrument) -> list[int]:
    """The vocabulary's entries that are this word, however it is spelt; raises BadInputError."""
    known: dict[str, int] = tokenizer.get_vocab()
    pieces = [space + spelling for spelling in SPELLINGS[word] for space in SPACES]
    found = sorted({known[piece] for piece in pieces if piece in known})
    if not found:
        raise BadInputError(
            f"instrument {instrument.name!r}: the vocabulary of {instrument.source} has no token "
            f"for {word!r} ({', '.join(SPELLINGS[word])}), so its probability cannot be read. "
            "Choose another model."
        )
    return found
