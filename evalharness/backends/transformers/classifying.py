"""How likely a picture's labels are: by a trained classifier, or compared with words."""

from __future__ import annotations

import math
from typing import Any

import torch
import transformers as untyped_transformers
from PIL import Image

from evalharness.backends.transformers.choices import CLASSIFIES
from evalharness.backends.transformers.loading import Loaded
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.core.nouns import Job
from evalharness.core.outcomes import Likelihood, Likelihoods

transformers: Any = untyped_transformers


class Classifier:
    """A pipeline of transformers over one network.

    A classifier tells its own labels; the prompt's continuations, if it has any, choose among
    them. A network that compares takes the continuations for labels, and the prompt's text, where
    it has a `{}`, for what is written around each.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._own = loaded.task == CLASSIFIES
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

        Raises ValueError for labels that the classifier does not know, and for none to compare.
        """
        if len(job.prompt.images) != 1:
            raise ValueError(f"the prompt has {len(job.prompt.images)} pictures, not one")
        picture = Image.fromarray(picture_pixels(job.prompt.images[0]))
        wanted = job.prompt.continuations
        if self._own:
            told = self._pipe(picture, top_k=None)
            known = {str(one["label"]): float(one["score"]) for one in told}
            unknown = [label for label in wanted if label not in known]
            if unknown:
                raise ValueError(f"it knows no label {unknown[0]!r}; it knows {sorted(known)[:20]}")
        else:
            if not wanted:
                raise ValueError("the prompt has no continuations to compare the picture with")
            around = job.text if job.text.count("{}") == 1 else "{}"
            told = self._pipe(picture, candidate_labels=list(wanted), hypothesis_template=around)
            known = {str(one["label"]): float(one["score"]) for one in told}
        return Likelihoods(
            tuple(
                Likelihood(label, math.log(max(known[label], 1e-30)), 1)
                for label in (wanted or known)
            )
        )
