"""`judge`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from evalharness.core.errors import BadInputError
from evalharness.core.judging import Asked
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.fp32 import best_device
from evalharness.extractors.judge import room_for_words
from evalharness.extractors.judge_words import judged, question_to_judge
from evalharness.extractors.subjects import UnreadableSubjectError, exchanges
from evalharness.extractors.transformers_models import load_model, load_processor, model_folder
from evalharness.extractors.vqa import dtype_of

READER = "judge"


class JudgeExtractor:
    """Grades and verdicts, with the judge's own words as the text.

    The question is the user's turn of the model's own chat template; it is answered greedily.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = model_folder(self._instrument, self._resolution)
        self._tokenizer = load_processor(AutoTokenizer, folder, self._instrument)
        if self._tokenizer.chat_template is None:
            raise BadInputError(
                f"instrument {self._instrument.name!r}: {folder} has no chat template, so it "
                "cannot be asked for a judgement. Choose a model tuned to chat."
            )
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        model = load_model(AutoModelForCausalLM, folder, self._instrument)
        self._model: Any = model.to(best_device(), getattr(torch, dtype_of(self._instrument)))
        self._room: int | None = getattr(model.config, "max_position_embeddings", None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._model

    @torch.inference_mode()
    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One judgement an exchange; raises UnreadableSubjectError for what does not fit."""
        asked = exchanges(subjects, READER)
        if not asked:
            return []
        steps = room_for_words(self._instrument)
        texts = [self._turn(question_to_judge(e.answer, Asked.read(e.asked))) for e in asked]
        inputs = self._tokenizer(
            texts, padding=True, add_special_tokens=False, return_tensors="pt"
        ).to(self._model.device)
        inputs.pop("token_type_ids", None)
        length = int(inputs["input_ids"].shape[1])
        if self._room is not None and length + steps > self._room:
            raise UnreadableSubjectError(
                f"{READER}: the question to the judge is {length} tokens and its words may be "
                f"{steps}; {self._instrument.name!r} holds {self._room}, and nothing is ever cut. "
                "Choose a judge with a longer context."
            )
        given = self._model.generate(
            **inputs,
            max_new_tokens=steps,
            do_sample=False,
            pad_token_id=self._tokenizer.pad_token_id,
        )
        said = self._tokenizer.batch_decode(given[:, length:], skip_special_tokens=True)
        return [
            FeatureValue(scalar=judged(exchange, words), text=words)
            for exchange, words in zip(asked, said, strict=True)
        ]

    def _turn(self, question: str) -> str:
        turns = [{"role": "user", "content": question}]
        written: str = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        return written
