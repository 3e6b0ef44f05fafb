"""What a user may choose for a diffusers model beside its settings.

options (part of the identity):
  dtype               float32, float16 or bfloat16 (settled by the machine when absent)
  variant             weight files to prefer, such as fp16
  config              for a single-file checkpoint: folder with model_index.json, component
                      configs and tokenizers. Its content is identity, its path is not
  quantisation        nf4 or int8 (bitsandbytes), or {backend: …, components: […], <arguments>}
  vae_tiling          decode in tiles: for large pictures on small devices
  trust_remote_code   run code that comes with the weights; needs a pinned revision
placement (recorded only):
  device       auto, cpu, mps or cuda: each process sees one GPU, so none is chosen by number
  offload      none, model, sequential or group; weights in main memory (no effect on cpu)
  batch_size   the canonical batch, which every short batch is padded to
  vae_slicing  decode pictures one by one
"""

from __future__ import annotations

from dataclasses import dataclass

from evalharness.backends.options import Fields
from evalharness.core.nouns import Json, Model

DTYPES = ("bfloat16", "float16", "float32")
OFFLOADS = ("group", "model", "none", "sequential")
OPTIONS = ("config", "dtype", "quantisation", "trust_remote_code", "vae_tiling", "variant")
PLACEMENT = ("batch_size", "config", "device", "offload", "vae_slicing")
DEVICES = ("auto", "cpu", "cuda", "mps")

BATCH_SIZE = 4
"""One canonical batch for every device, so that a machine change alone moves fewer pixels."""


@dataclass(frozen=True, slots=True)
class Choices:
    """A model's options and placement, checked; `config` and `dtype` may still be unsettled."""

    dtype: str | None
    variant: str | None
    config: str | None
    quantisation: Json
    vae_tiling: bool
    trust_remote_code: bool
    device: str
    offload: str
    batch_size: int
    vae_slicing: bool

    @staticmethod
    def read(model: Model) -> Choices:
        """Read them; raises BadInputError and UnknownNameError naming the field."""
        options = Fields(model.name, "options", model.options, OPTIONS)
        placement = Fields(model.name, "placement", model.placement, PLACEMENT)
        device = placement.text("device") or "auto"
        if device.startswith("cuda:"):
            raise placement.wrong(
                "device",
                "cuda. Models are spread over all GPUs, one process for each; to use some of them "
                f"only, write device: cuda and set CUDA_VISIBLE_DEVICES={device[5:]} for the run",
            )
        if device not in DEVICES:
            raise placement.wrong("device", f"one of {', '.join(DEVICES)}")
        return Choices(
            dtype=options.text("dtype", DTYPES),
            variant=options.text("variant"),
            config=options.text("config") or placement.text("config"),
            quantisation=model.options.get("quantisation"),
            vae_tiling=options.flag("vae_tiling"),
            trust_remote_code=options.flag("trust_remote_code"),
            device=device,
            offload=placement.text("offload", OFFLOADS) or "none",
            batch_size=placement.whole("batch_size", least=1) or BATCH_SIZE,
            vae_slicing=placement.flag("vae_slicing"),
        )
