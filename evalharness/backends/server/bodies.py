"""What is sent for a job: the body of a call, and the settings it takes.

Settings: `max_new_tokens` (default 1024), `temperature` (default 0), `top_p`, `top_k`, `min_p`,
`presence_penalty`, `frequency_penalty`, `repetition_penalty`, `stop`; one that is null is not
sent. Servers differ in what they take beside the first three and the two of OpenAI's penalties.
The job's seed is sent as `seed`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from evalharness.backends.server.choices import Choices
from evalharness.catalog.input_pictures import picture_bytes
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import InputPicture, Job, Json, Settings

DEFAULTS: dict[str, Json] = {"max_new_tokens": 1024, "temperature": 0}
NUMBERS = (
    "frequency_penalty",
    "min_p",
    "presence_penalty",
    "repetition_penalty",
    "temperature",
    "top_k",
    "top_p",
)
KNOWN = frozenset({*NUMBERS, "max_new_tokens", "stop"})


def check_settings(jobs: Iterable[Job]) -> None:
    """Look at the settings of all jobs; raises UnknownNameError and BadInputError."""
    seen: set[int] = set()
    for job in jobs:
        if id(job.settings) not in seen:  # jobs of one plan share theirs
            seen.add(id(job.settings))
            refuse_wrong_settings(job.settings)


def body_of(job: Job, choices: Choices) -> bytes:
    """The body of the call for `job`, JSON in ASCII, so that any text can be sent.

    Raises BadInputError for pictures that cannot be sent, which says nothing of other jobs.
    """
    fields: dict[str, Json] = {"model": choices.address.model}
    if choices.api == "chat":
        fields["messages"] = _messages(job, choices)
    elif job.prompt.images:
        raise BadInputError("completions take no pictures; set options.api to chat")
    else:
        fields["prompt"] = job.text
    for name, value in {**DEFAULTS, **job.settings}.items():
        if value is not None:
            field = choices.reach.room_field if name == "max_new_tokens" else name
            fields[field] = value
    fields |= {"seed": job.seed, "stream": False, **choices.body}
    return _encoded(fields)


def echo_of(text: str, choices: Choices) -> bytes:
    """The body that asks how likely each token of `text` is, after those before it.

    One token is answered beside it, since some servers do not take 0.
    """
    fields: dict[str, Json] = {"model": choices.address.model, "prompt": text, **choices.body}
    own: dict[str, Json] = {"max_tokens": 1, "echo": True, "logprobs": 1, "stream": False}
    return _encoded({"temperature": 0, **fields, **own})


def _encoded(fields: Mapping[str, Json]) -> bytes:
    sent = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(sent, allow_nan=False).encode("ascii")


def _messages(job: Job, choices: Choices) -> list[Json]:
    content: Json = job.text
    if job.prompt.images:
        pictures: list[Json] = [
            {"type": "image_url", "image_url": {"url": _as_data(picture)}}
            for picture in job.prompt.images
        ]
        content = [*pictures, {"type": "text", "text": job.text}]
    asked: list[Json] = [{"role": "user", "content": content}]
    if choices.system is not None:
        asked.insert(0, {"role": "system", "content": choices.system})
    return asked


def _as_data(picture: InputPicture) -> str:
    """A picture's own bytes as an address (RFC 2397): servers need not reach our files."""
    kind = {".png": "png", ".webp": "webp"}.get(Path(picture.path).suffix.lower(), "jpeg")
    return f"data:image/{kind};base64,{base64.b64encode(picture_bytes(picture)).decode('ascii')}"


def refuse_wrong_settings(settings: Settings) -> None:
    """Refuse what cannot be sent; raises UnknownNameError and BadInputError."""
    for name, value in settings.items():
        if name not in KNOWN:
            raise unknown_name("setting of a served model", name, KNOWN)
        if value is not None and not _fits(name, value):
            raise BadInputError(f"The setting {name} is {value!r}; expected {_expected(name)}.")


def _fits(name: str, value: Json) -> bool:
    if name == "stop":
        texts = value if isinstance(value, list) else [value]
        return bool(texts) and all(isinstance(text, str) and text for text in texts)
    if isinstance(value, bool):
        return False
    if name == "max_new_tokens":
        return isinstance(value, int) and value >= 1
    return isinstance(value, int | float)


def _expected(name: str) -> str:
    if name == "stop":
        return "a text or a list of texts, none empty, or null"
    return (
        "a whole number of at least 1, or null" if name == "max_new_tokens" else "a number or null"
    )
