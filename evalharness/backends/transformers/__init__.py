"""Language, vision-language and picture-classifying models of transformers."""

from evalharness.backends.transformers.entry import ENTRY

__all__ = ["ENTRY"]
