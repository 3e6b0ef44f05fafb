"""`options.quantisation` as a diffusers PipelineQuantizationConfig."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch
from diffusers.quantizers.auto import AUTO_QUANTIZATION_CONFIG_MAPPING
from diffusers.quantizers.pipe_quant_config import PipelineQuantizationConfig

from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Json

SHORT: dict[str, dict[str, Json]] = {
    "nf4": {"backend": "bitsandbytes_4bit", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"},
    "int8": {"backend": "bitsandbytes_8bit", "load_in_8bit": True},
}
LIBRARIES = {
    "bitsandbytes": "bitsandbytes",
    "gguf": "gguf",
    "quanto": "optimum.quanto",
    "torchao": "torchao",
}


def quantisation_config(asked: Json, dtype: torch.dtype) -> PipelineQuantizationConfig:
    """Read `nf4`, `int8`, or a mapping with `backend`, `components` and the backend's arguments.

    Raises UnknownNameError, or BadInputError when the library or the GPU it needs is missing.
    """
    arguments = _arguments(asked)
    backend = str(arguments.pop("backend", None))
    if backend not in AUTO_QUANTIZATION_CONFIG_MAPPING:
        raise unknown_name("quantisation backend", backend, AUTO_QUANTIZATION_CONFIG_MAPPING)
    family = backend.split("_", maxsplit=1)[0]
    library = LIBRARIES.get(family, family)
    if find_spec(library.split(".", maxsplit=1)[0]) is None:
        raise BadInputError(
            f"Quantisation with {backend} needs the package {library!r}, which is not installed. "
            f"Install it, or remove options.quantisation."
        )
    if family == "bitsandbytes" and not torch.cuda.is_available():
        raise BadInputError(
            f"Quantisation with {backend} needs a CUDA GPU, and torch finds none. Remove "
            "options.quantisation to run in the model's dtype."
        )
    components = arguments.pop("components", None)
    if backend == "bitsandbytes_4bit":
        arguments.setdefault("bnb_4bit_compute_dtype", str(dtype).removeprefix("torch."))
    return PipelineQuantizationConfig(
        quant_backend=backend, quant_kwargs=arguments, components_to_quantize=components
    )


def _arguments(asked: Json) -> dict[str, Any]:
    if isinstance(asked, str):
        if asked not in SHORT:
            raise unknown_name("quantisation", asked, SHORT)
        return dict(SHORT[asked])
    if isinstance(asked, dict) and isinstance(asked.get("backend"), str):
        return dict(asked)
    raise BadInputError(
        f"options.quantisation is {asked!r}; expected one of {', '.join(SHORT)} or a mapping with "
        "`backend`, optional `components`, and the backend's arguments."
    )
