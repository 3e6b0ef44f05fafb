"""Digests that identify work: the same inputs give the same key on every machine, for ever.

Golden tests freeze them, because a key that changes silently regenerates everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeGuard

from evalharness.core.nouns import Instrument, Json, Model, Prompt, Resolution, Settings, Suite


def _one_number(value: Json) -> Json:
    """`value` with 2.0 written as 2, at any depth: as in RFC 8785, they are one number."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [item if type(item) in _AS_THEY_ARE else _one_number(item) for item in value]
    if isinstance(value, dict):
        return {
            name: item if type(item) in _AS_THEY_ARE else _one_number(item)
            for name, item in value.items()
        }
    return value


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
"""Types no number hides in: nearly all that keys are made of, so a call each would tell."""


def digest(payload: Json) -> str:
    """sha256 (hex) of canonical JSON: sorted keys, no spaces, UTF-8, 2.0 as 2, NaN refused."""
    return hashlib.sha256(_canonical(payload)).hexdigest()


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
"""Made once: a suite of 100,000 outputs needs half a million keys."""


def _canonical(payload: Json) -> bytes:
    return _ENCODER.encode(_one_number(payload)).encode("utf-8", "surrogatepass")


def _as_dict(value: Any) -> dict[str, object]:
    """A noun's fields or any mapping's items (`asdict` would copy, and fail on read-only ones)."""
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    return dict(value)


def _is_plain(value: object) -> TypeGuard[Json]:
    kind = type(value)
    if kind is dict:
        return all(type(k) is str and _is_plain(v) for k, v in value.items())  # type: ignore[attr-defined]
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    return kind in _SCALARS


_SCALARS = (str, int, float, bool, type(None))


def plain(value: object) -> Json:
    """`value` (nouns, tuples, mappings, scalars) as plain JSON types; itself where it is."""
    if _is_plain(value):
        return value
    parsed: Json = json.loads(json.dumps(value, default=_as_dict))
    return parsed


def prompt_inputs(prompt: Prompt) -> dict[str, Json]:
    """What a model is given of a prompt; kinds of input that it lacks are left out."""
    inputs: dict[str, Json] = {"text": prompt.text}
    if prompt.images:
        inputs["images"] = [picture.sha256 for picture in prompt.images]
    if prompt.continuations:
        inputs["continuations"] = list(prompt.continuations)
    return inputs


def prompt_digest(prompt: Prompt) -> str:
    """Digest of what a model is asked and how the answer is checked, without id and tags."""
    return digest(
        {
            "inputs": prompt_inputs(prompt),
            "target": prompt.target,
            "checks": plain(dict(prompt.checks)),
        }
    )


def suite_digest(suite: Suite) -> str:
    """Digest of what a suite asks: any change to that makes another suite.

    Its title, models and metrics stay out, so that adding one keeps the board.
    """
    content = _as_dict(suite)
    del content["title"], content["models"], content["metrics"]
    content["prompts"] = [_written(prompt) for prompt in suite.prompts]
    return digest(plain(content))


def _written(prompt: Prompt) -> dict[str, object]:
    """A prompt as its suite's digest has it: pictures by content, and no inputs it lacks."""
    content = _as_dict(prompt)
    del content["images"], content["continuations"]
    extra = prompt_inputs(prompt)
    del extra["text"]
    return {**content, **extra}


def _identifying_source(source: str, revision: str) -> str:
    """Nothing when the content is the identity; else two files of one commit must differ."""
    return "" if revision.startswith("sha256:") else source


def model_digest(model: Model, resolution: Resolution) -> str:
    """Digest of everything about a model that can change its answers, settings apart.

    Local weights are identified by their content (`sha256:…`), so that a folder may move.
    """
    return digest(
        {
            "backend": model.backend,
            "modality": model.modality,
            "source": _identifying_source(model.source, resolution.revision),
            "revision": resolution.revision,
            "options": plain(dict(model.options)),
            "template": model.template,
            "negative_prompt": model.negative_prompt,
            "adapters": [
                {
                    "source": _identifying_source(adapter.source, found.revision),
                    "revision": found.revision,
                    "weight": adapter.weight,
                }
                for adapter, found in zip(model.adapters, resolution.adapters, strict=True)
            ],
        }
    )


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """Keys that are alike but for a few values: canonical JSON, encoded once around those.

    Without it, 100,000 outputs have the same words encoded half a million times.
    """

    pieces: tuple[bytes, ...]

    @staticmethod
    def of(alike: Mapping[str, Json], *differing: str) -> KeyPattern:
        """The pattern of a payload with the members `alike` and, in each key's own, `differing`."""
        mark = digest(dict(alike))  # stands nowhere in what it is the digest of
        payload = {**alike, **dict.fromkeys(differing, mark)}
        return KeyPattern(tuple(_canonical(payload).split(_canonical(mark))))

    def given(self, value: Json) -> KeyPattern:
        """The pattern with `value` for the first (by name) of the differing members."""
        before, after, *rest = self.pieces
        return KeyPattern((before + _canonical(value) + after, *rest))

    def key(self, value: Json) -> str:
        """The digest with `value` for the one member that differs."""
        before, after = self.pieces
        return hashlib.sha256(before + _canonical(value) + after).hexdigest()


def variant_key(model: str, settings: Settings) -> str:
    """Digest of a model under given settings: one row of a board."""
    return digest({"model": model, "settings": plain(dict(settings))})


def text_subject(text: str) -> str:
    """Digest of a text as the subject of a feature (an artifact's is its sha256)."""
    return hashlib.sha256(b"text\0" + text.encode("utf-8", "surrogatepass")).hexdigest()


def pair_subject(artifact: str, text: str) -> str:
    """Digest of a picture (its sha256) with words put to it, as the subject of a feature."""
    return digest({"artifact": artifact, "text": text})


def exchange_subject(answer: str, asked: str) -> str:
    """Digest of a text answer (its `text_subject`) with what is asked about it."""
    return digest({"answer": answer, "asked": asked})


def change_subject(before: str, after: str, region: str | None) -> str:
    """Digest of two pictures and the picture that marks a region of them (their sha256)."""
    return digest({"before": before, "after": after, "region": region})


def feature_keys(instrument: Instrument, weights: str, version: int) -> KeyPattern:
    """Keys of what an extractor saw, by subject (`version` is the preprocessing's)."""
    return KeyPattern.of(
        {
            "extractor": instrument.extractor,
            "options": plain(dict(instrument.options)),
            "weights": weights,
            "version": version,
        },
        "subject",
    )


def feature_key(subject: str, instrument: Instrument, weights: str, version: int) -> str:
    """Key of what an extractor saw in one subject (see `feature_keys`)."""
    return feature_keys(instrument, weights, version).key(subject)


def instrument_recipe(instrument: Instrument, weights: str, version: int) -> dict[str, Json]:
    """What decides an instrument's features beside the subject."""
    recipe: dict[str, Json] = {
        "extractor": instrument.extractor,
        "weights": weights,
        "version": version,
    }
    if instrument.options:  # without any, recipes stay those that stores already hold
        recipe["options"] = plain(dict(instrument.options))
    return recipe


def metric_recipe(metric: str, version: int, instrument: Json) -> str:
    """Digest of what decides a metric's numbers beside the outputs."""
    return digest({"metric": metric, "version": version, "instrument": instrument})


def score_keys(metric: str, version: int) -> KeyPattern:
    """Keys of one metric on outputs, by a list of the keys of the output and features read."""
    return KeyPattern.of({"metric": metric, "version": version}, "reads")


def score_key(metric: str, version: int, reads: Iterable[str]) -> str:
    """Key of one metric on one output (see `score_keys`)."""
    return score_keys(metric, version).key(list(reads))


def set_score_key(metric: str, version: int, members: Iterable[str], reference: str | None) -> str:
    """Key of one metric on a set of outputs; the members' order does not matter."""
    return digest(
        {
            "metric": metric,
            "version": version,
            "members": digest(list[Json](sorted(members))),
            "reference": reference,
        }
    )
