"""Text-to-image through diffusers: any pipeline AutoPipelineForText2Image or its base loads.

A prompt with a picture is answered by the same weights' image-to-image form, one with a picture
and a mask (white where to paint) by their inpainting form.

Importing this package is light; torch and diffusers come with `pipeline.open_backend`.
"""

from evalharness.backends.diffusers.entry import ENTRY

__all__ = ["ENTRY"]
