"""From a job to what the network reads: the chat template, the pictures, the tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from evalharness.backends.transformers.choices import READS_AND_WRITES, SEES, Choices
from evalharness.backends.transformers.loading import Loaded
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job


@dataclass(frozen=True, slots=True)
class Asked:
    """A job as it is put to the network: its words with the template around, and how many tokens
    they and its pictures are. Pictures are read when they are needed, not held for a whole run."""

    job: Job
    text: str
    tokens: int


class Talk:
    """Puts prompts as a model's makers meant them to be put."""

    def __init__(self, model: str, choices: Choices, loaded: Loaded) -> None:
        """Raises BadInputError where a chat template is asked for and there is none."""
        self._loaded = loaded
        self._system = choices.system
        template = getattr(loaded.reader, "chat_template", None)
        self.templated = template is not None and choices.chat != "never"
        if not self.templated and (choices.chat == "always" or choices.system is not None):
            raise BadInputError(
                f"Model {model!r} has no chat template, so it has no place for turns. Set "
                "options.chat to never and leave options.system out, or choose a model tuned to "
                "chat."
            )
        self._place = ""
        if loaded.task == SEES and not self.templated:
            self._place = _place_of_pictures(loaded.reader)
        digest = hashlib.sha256(str(template).encode()).hexdigest()[:12]
        self.note = f"put through the chat template {digest}" if self.templated else ""

    def ask(self, job: Job) -> Asked:
        """Raises BadInputError for a prompt that the network has no eyes for, or lost pictures."""
        self.refuse_blind(job)
        asked = Asked(job, self.worded(job), 0)
        return replace(asked, tokens=int(self.inputs([asked])["input_ids"].shape[1]))

    def refuse_blind(self, job: Job) -> None:
        """Raises BadInputError for a picture that the network has no eyes for."""
        if job.prompt.images and self._loaded.task != SEES:
            raise BadInputError("the prompt has a picture, and this model reads words only")

    def inputs(self, asked: Sequence[Asked]) -> Any:
        """What `generate` reads, on the device: padded on the side where no answer follows."""
        tokenizer, texts = self._loaded.tokenizer, [one.text for one in asked]
        tokenizer.padding_side = "right" if self._loaded.task == READS_AND_WRITES else "left"
        options: dict[str, Any] = {"padding": True, "return_tensors": "pt"}
        if self.templated:
            options["add_special_tokens"] = False  # the template writes them
        if self._loaded.task == SEES:
            pictures = [_pictures(one.job) for one in asked]
            if any(pictures):
                options["images"] = pictures
            return self._loaded.reader(text=texts, **options).to(
                self._loaded.device, self._loaded.network.dtype
            )
        inputs = tokenizer(texts, **options)
        inputs.pop("token_type_ids", None)
        return inputs.to(self._loaded.device)

    def worded(self, job: Job) -> str:
        """The job's words with the chat template around them, places for its pictures in them."""
        text, pictures = job.text, len(job.prompt.images)
        if not self.templated:
            return self._place * pictures + text
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


def _place_of_pictures(reader: Any) -> str:
    """What stands in words for a picture; nothing where the reader writes that itself."""
    place = str(getattr(reader, "image_token", None) or "")
    try:
        ids = reader(text=["a"], images=[[Image.new("RGB", (64, 64))]])["input_ids"][0]
    except Exception:  # each class of readers has its own way to say that the place is missing
        return place
    return "" if reader.tokenizer.convert_tokens_to_ids(place) in list(ids) else place


def _pictures(job: Job) -> list[Image.Image]:
    return [Image.fromarray(picture_pixels(picture)) for picture in job.prompt.images]
