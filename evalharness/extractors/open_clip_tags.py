"""Which Hub repository an open_clip `ARCHITECTURE TAG` is published under, for a parent process.

`python -m evalharness.extractors.open_clip_tags ViT-B-32 openai` prints a Hub id.
"""

from __future__ import annotations

import sys

import open_clip

from evalharness.core.errors import HarnessError, MissingWeightsError, unknown_name


def published_at(architecture: str, tag: str) -> str:
    """The Hub id of a tag; raises UnknownNameError, or MissingWeightsError if it is on no Hub."""
    models = open_clip.list_pretrained_models_by_tag(tag)
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if architecture not in open_clip.list_models():
        raise unknown_name(
            "open_clip architecture", architecture, models or open_clip.list_models()
        )
    if tag not in tags:
        raise unknown_name(f"open_clip tag of {architecture}", tag, tags)
    published = open_clip.get_pretrained_cfg(architecture, tag).get("hf_hub", "")
    if not published.endswith("/"):
        raise MissingWeightsError(
            f"open_clip publishes {architecture}/{tag} not as a Hub repository with safetensors "
            f"but as {published or 'a pickle to download'}. Choose another tag or hf-hub:org/name."
        )
    return str(published.rstrip("/"))


if __name__ == "__main__":
    try:
        print(published_at(*sys.argv[1:]))
    except HarnessError as refusal:
        sys.exit(str(refusal))
