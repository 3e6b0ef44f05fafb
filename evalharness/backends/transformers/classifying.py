"""How likely a picture's labels are: by a trained classifier, or compared with words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import transformers as untyped_transformers
from PIL import Image

from evalharness.backends.transformers.choices import CLASSIFIES, Choices, holds_label
from evalharness.backends.transformers.label_names import own_names
from evalharness.backends.transformers.loading import Loaded
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.core.likelihoods import compared
from evalharness.core.nouns import Job
from evalharness.core.outcomes import Likelihood, Likelihoods

transformers: Any = untyped_transformers

SMALLEST = 1e-30
"""What stands for a probability of 0, which has no logarithm."""


class Classifier:
    """A pipeline of transformers over one network.

    Labels are the prompt's continuations or, if it has none, its `checks.labels`. A classifier
    tells its own labels; those of the prompt choose among them, and are what the answer calls
    them. A network that compares puts each label into `options.label_text` or, where that is not
    given, into the prompt's text if there is a `{}` in it.
    """

    def __init__(self, loaded: Loaded, choices: Choices) -> None:
        self._own = loaded.task == CLASSIFIES
        self._label_text = choices.label_text
        parts = (
            {"image_processor": loaded.reader}
            if self._own
            else {"image_processor": loaded.reader.image_processor, "tokenizer": loaded.tokenizer}
        )
        self._pipe: Any = transformers.pipeline(
            loaded.task, model=loaded.network, device=loaded.device, **parts
        )

    @torch.inference_mode()
    def labels(self, job: Job) -> Likelihoods:
        """The labels in the order asked for (else likeliest first), with log-probabilities.

        A classifier's are out of all that it knows, so that they need not add up to 1. Raises
        ValueError for labels that the classifier does not know, and for none to compare.
        """
        if len(job.prompt.images) != 1:
            raise ValueError(f"the prompt has {len(job.prompt.images)} pictures, not one")
        picture = Image.fromarray(picture_pixels(job.prompt.images[0]))
        wanted = compared(job.prompt)
        found = self._told(picture, wanted) if self._own else self._compared(picture, wanted, job)
        return Likelihoods(
            tuple(
                Likelihood(label, math.log(max(share, SMALLEST)), 1)
                for label, share in found.items()
            )
        )

    def _told(self, picture: Image.Image, wanted: Sequence[str]) -> Mapping[str, float]:
        config = self._pipe.model.config
        if config.problem_type == "regression":
            raise ValueError("it was trained to estimate numbers, so that it has no labels")
        # left out, or None, would be the likeliest five
        told = self._pipe(picture, top_k=config.num_labels)
        known: dict[str, float] = {}
        for one in told:  # ImageNet has cranes that fly and cranes that lift, both called crane
            name = str(one["label"])
            known[name] = known.get(name, 0.0) + float(one["score"])
        if not wanted:
            return known
        return {label: known[own] for label, own in own_names(wanted, tuple(known)).items()}

    def _compared(
        self, picture: Image.Image, wanted: Sequence[str], job: Job
    ) -> Mapping[str, float]:
        if not wanted:
            raise ValueError("the prompt has neither labels nor continuations to compare")
        around = self._label_text or (job.text if holds_label(job.text) else "{}")
        told = self._pipe(picture, candidate_labels=list(wanted), hypothesis_template=around)
        known = {str(one["label"]): float(one["score"]) for one in told}
        return {label: known[label] for label in wanted}
