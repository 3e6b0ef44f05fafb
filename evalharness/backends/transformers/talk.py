"""From a job to what the network reads: the chat template, the pictures, the tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from evalharness.backends.transformers.choices import READS_AND_WRITES, SEES, Choices
from evalharness.backends.transformers.loading import Loaded
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job


@dataclass(frozen=True, slots=True)
class Asked:
    """A job as it is put to the network: its words with the template around, its pictures, and
    how many tokens both are."""

    job: Job
    text: str
    pictures: tuple[Image.Image, ...]
    tokens: int


class Talk:
    """Puts prompts as a model's makers meant them to be put."""

    def __init__(self, model: str, choices: Choices, loaded: Loaded) -> None:
        """Raises BadInputError where a chat template is asked for and there is none."""
        self._loaded = loaded
        self._system = choices.system
        template = getattr(loaded.reader, "chat_template", None)
        self._templated = template is not None and choices.chat != "never"
        if not self._templated and (choices.chat == "always" or choices.system is not None):
            raise BadInputError(
                f"Model {model!r} has no chat template, so it has no place for turns. Set "
                "options.chat to never and leave options.system out, or choose a model tuned to "
                "chat."
            )
        digest = hashlib.sha256(str(template).encode()).hexdigest()[:12]
        self.note = f"put through the chat template {digest}" if self._templated else ""

    def ask(self, job: Job) -> Asked:
        """Raises BadInputError for a prompt that the network has no eyes for, or lost pictures."""
        sees = self._loaded.task == SEES
        if job.prompt.images and not sees:
            raise BadInputError("the prompt has a picture, and this model reads words only")
        pictures = tuple(Image.fromarray(picture_pixels(one)) for one in job.prompt.images)
        text = self._worded(job.text, len(pictures))
        asked = Asked(job, text, pictures, 0)
        inputs = self.inputs([asked])
        return Asked(job, text, pictures, int(inputs["input_ids"].shape[1]))

    def inputs(self, asked: Sequence[Asked]) -> Any:
        """What `generate` reads, on the device: padded on the side where no answer follows."""
        tokenizer, texts = self._loaded.tokenizer, [one.text for one in asked]
        tokenizer.padding_side = "right" if self._loaded.task == READS_AND_WRITES else "left"
        options: dict[str, Any] = {"padding": True, "return_tensors": "pt"}
        if self._templated:
            options["add_special_tokens"] = False  # the template writes them
        pictures = [list(one.pictures) for one in asked]
        if self._loaded.task == SEES:
            if any(pictures):
                options["images"] = pictures
            return self._loaded.reader(text=texts, **options).to(
                self._loaded.device, self._loaded.network.dtype
            )
        inputs = tokenizer(texts, **options)
        inputs.pop("token_type_ids", None)
        return inputs.to(self._loaded.device)

    def _worded(self, text: str, pictures: int) -> str:
        if not self._templated:
            place = getattr(self._loaded.reader, "image_token", "") or ""
            return place * pictures + text
        parts: Any = text
        if self._loaded.task == SEES:
            parts = [{"type": "image"}] * pictures + [{"type": "text", "text": text}]
        turns = [{"role": "user", "content": parts}]
        if self._system is not None:
            system: Any = self._system
            if self._loaded.task == SEES:
                system = [{"type": "text", "text": system}]
            turns.insert(0, {"role": "system", "content": system})
        return str(
            self._loaded.reader.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True
            )
        )
