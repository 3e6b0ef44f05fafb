"""Text-to-image through diffusers: any pipeline AutoPipelineForText2Image or its base loads.

Importing this package is light; torch and diffusers come with `pipeline.open_backend`.
"""

from evalharness.backends.diffusers.entry import ENTRY

__all__ = ["ENTRY"]
