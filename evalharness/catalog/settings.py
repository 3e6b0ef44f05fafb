"""Settings: whose win, and how the command line writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evalharness.catalog.documents import Document, refused_character
from evalharness.catalog.json_lines import check_texts, strict_json
from evalharness.catalog.yaml_files import plain_scalar
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json, Model, Settings, Suite

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def resolve_settings(model: Model, suite: Suite, overrides: Settings) -> Settings:
    """The settings a model answers a suite with; later sources win.

    `recommended`: suite < model < command line, so that every model is at its own best.
    `matched`: model < suite < command line, so that all share the suite's.
    """
    if suite.protocol == "matched":
        return {**model.settings, **suite.settings, **overrides}
    return {**suite.settings, **model.settings, **overrides}


def parse_overrides(written: Iterable[str]) -> dict[str, Json]:
    """`["steps=4", "guidance=0.0"]` as settings; values are read as in the YAML files.

    Raises BadInputError for anything that is not NAME=VALUE and for a name given twice.
    """
    settings: dict[str, Json] = {}
    for pair in written:
        name, equals, value = pair.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise BadInputError(f"Found the setting {pair!a}; expected NAME=VALUE, as steps=4.")
        if name in settings:
            raise BadInputError(f"Found the setting {name!r} twice; expected it once.")
        if refused_character(value):
            raise BadInputError(f"Found {pair!a}; expected a value without control characters.")
        settings[name] = _value(name, value)
    return settings


def _value(name: str, value: str) -> Json:
    if value[:1] in {'"', "[", "{"}:
        try:
            parsed = strict_json(value)
        except (ValueError, RecursionError) as error:
            raise BadInputError(f"The setting {name}={value!a} is not JSON: {error}.") from None
        check_texts(Document("command line", parsed), parsed, (name,))
        return parsed
    word = plain_scalar(value)
    if isinstance(word, float) and word - word != 0:
        raise BadInputError(f"Found {name}={value}; expected a finite number.")
    return word
