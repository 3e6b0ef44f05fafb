"""What is asked of whom: prompts, suites, models, instruments and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Settings: TypeAlias = Mapping[str, Json]
Protocol: TypeAlias = Literal["recommended", "matched"]
Modality: TypeAlias = Literal["image", "text"]


@dataclass(frozen=True, slots=True)
class InputPicture:
    """A picture that belongs to a prompt: the file's bytes are its identity, `path` is not."""

    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question: words, and whatever else the model is given with them.

    With `continuations` the model is not asked to answer but how likely each of them is after the
    words; `images` are shown to it, in order, before them. `target` is the expected answer where
    there is one, `checks` hold what a metric verifies in the answer (`{"lettering": "OPEN"}`),
    `tags` slice the board.
    """

    id: str
    text: str
    target: str | None = None
    checks: Mapping[str, Json] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    images: tuple[InputPicture, ...] = ()
    continuations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """A fixed, versioned benchmark: prompts × seeds × metrics under a protocol.

    Under `recommended` every model keeps its own settings and the suite's fill the gaps; under
    `matched` the suite's settings override the models'. `reference` names the pictures that
    distribution metrics compare with (`tinyworld:1024`, or a folder).
    """

    name: str
    version: int
    title: str
    protocol: Protocol
    modality: Modality
    prompts: tuple[Prompt, ...]
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    models: tuple[str, ...] = ()
    settings: Settings = field(default_factory=dict)
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA put on top of a model's weights."""

    source: str
    revision: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """The specification of a model, not its weights.

    `settings` change the answer and can be overridden per suite or run (steps, guidance, size);
    `options` change the weights or the behaviour and belong to the identity (dtype,
    quantisation, a painter's programmed truth); `placement` says only where and how it runs
    (device, offload, batch_size) and is recorded, never part of a key.
    `template` puts the prompt between trigger words: `"{prompt}, in the style of TOK"`.
    `base` names the model that this one was tuned from, where the source does not tell.
    """

    name: str
    backend: str
    source: str
    revision: str | None = None
    modality: Modality = "image"
    settings: Settings = field(default_factory=dict)
    options: Settings = field(default_factory=dict)
    placement: Settings = field(default_factory=dict)
    template: str = "{prompt}"
    negative_prompt: str | None = None
    adapters: tuple[Adapter, ...] = ()
    title: str = ""
    licence: str | None = None
    price_per_1000: float | None = None
    retires: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """An extractor with its weights chosen: what `[…]` names in `clip_score[tiny-clip]`.

    `licence` and `home` (a page) are those of the weights; `sha256` is the digest of the one
    published file that may be read although it is not safetensors.
    """

    name: str
    extractor: str
    source: str = ""
    revision: str | None = None
    options: Settings = field(default_factory=dict)
    licence: str | None = None
    home: str = ""
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a model's or an instrument's source turned out to be on this machine.

    `revision` is a commit or `sha256:…` of local weights; `location` the local path, or None
    while the weights are still to be downloaded (`download_bytes`, if the hub told).
    `adapters` are the adapters' own resolutions, in order.
    """

    revision: str
    location: str | None = None
    download_bytes: int | None = None
    adapters: tuple[Resolution, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """model × prompt × seed × settings. `text` is the prompt after the model's template."""

    key: str
    model: str
    prompt: Prompt
    text: str
    negative: str | None
    seed: int
    settings: Settings
