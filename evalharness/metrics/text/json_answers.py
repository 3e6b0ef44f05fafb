"""Is an answer JSON, and of the asked form? `json.valid`, `json.schema`."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final

from evalharness.core.measures import About
from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.answers import text_metric, wrong_check
from evalharness.metrics.text.libraries import library

_FENCE: Final = re.compile(r"```[ \t]*(?:json|JSON|Json)?[ \t]*\n(.*?)```", re.DOTALL)
LONGEST: Final = 2_000_000
"""Characters beyond which an answer is not parsed, but is no JSON."""


def json_of(answer: str) -> tuple[bool, Json]:
    """Whether an answer is JSON, alone or in its only fenced block, and what it says.

    NaN and Infinity are no JSON; a document nested too deep for Python's parser counts as none.
    """
    bare = answer.strip()
    fenced = _FENCE.findall(bare) if "```" in bare else []
    if len(fenced) == 1:
        bare = fenced[0]
    if len(bare) > LONGEST:
        return False, None
    try:
        return True, json.loads(bare, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False, None


def _no_constant(name: str) -> None:
    raise ValueError(name)


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    """Checks documents by the draft that the schema names (2020-12 if none)."""
    jsonschema, parsed = library("jsonschema"), json.loads(schema)
    kind = jsonschema.validators.validator_for(parsed, jsonschema.Draft202012Validator)
    try:
        kind.check_schema(parsed)
    except jsonschema.SchemaError as error:
        raise UnmeasurableError(
            f"checks.json_schema is no JSON schema: {error.message}. Correct the prompts' file."
        ) from error
    # a registry of its own fetches nothing: a $ref to elsewhere is an error, not a download
    return kind(parsed, registry=library("referencing").Registry())


def _valid(_prompt: Prompt, answer: str) -> float:
    return float(json_of(answer)[0])


def _fits(prompt: Prompt, answer: str) -> float:
    schema = prompt.checks.get("json_schema")
    if not isinstance(schema, dict | bool):
        raise wrong_check(prompt, "json_schema", "a JSON schema")
    is_json, document = json_of(answer)
    if not is_json:
        return 0.0
    try:
        return float(_validator(json.dumps(schema, sort_keys=True)).is_valid(document))
    except RecursionError:
        return 0.0


def _asked(prompt: Prompt) -> bool:
    return prompt.checks.get("json_schema") is not None


_HOW = "the answer as a whole, or its only ``` block, is parsed; NaN and Infinity are no JSON"

VALID = text_metric(
    "json.valid",
    "JSON",
    _valid,
    About(
        measures="Whether an answer can be read by a program as JSON.",
        range="0 or 1",
        recipe=f"1 where it parses; {_HOW}",
        source="RFC 8259",
        limits="Says nothing of the content; words around a bare document make it invalid.",
    ),
    applies=_asked,
)
SCHEMA = text_metric(
    "json.schema",
    "JSON of the asked form",
    _fits,
    About(
        measures="Whether an answer is JSON with the fields and types that were asked for.",
        range="0 or 1",
        recipe=f"1 where checks.json_schema validates it (formats are not checked); {_HOW}",
        source="JSON Schema 2020-12, or the draft that the schema names; jsonschema",
        limits="As strict as the schema: without required and additionalProperties much fits.",
    ),
    applies=_asked,
)
