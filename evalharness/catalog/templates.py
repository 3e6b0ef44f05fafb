"""Jinja2 templates from somebody's file, rendered where they can reach nothing.

The sandbox has no files, no modules and no attributes with underscores; what a template makes may
not be longer than a prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from evalharness.catalog.forms import LONGEST_TEXT
from evalharness.core.nouns import Json

_LARGEST_POWER = 64


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, with arithmetic that cannot fill the memory."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiply and raise to powers within limits; raises SecurityError beyond them."""
        size = max((len(each) for each in (left, right) if hasattr(each, "__len__")), default=0)
        times = next((each for each in (left, right) if isinstance(each, int)), 0)
        if operator == "*" and size * times > LONGEST_TEXT:
            raise SecurityError(f"it repeats a text or list to more than {LONGEST_TEXT:,}")
        if operator == "**" and isinstance(right, int | float) and abs(right) > _LARGEST_POWER:
            raise SecurityError(f"it raises to a power above {_LARGEST_POWER}")
        return super().call_binop(context, operator, left, right)


def _regex_replace(text: str, pattern: str, new: str, count: int = 0) -> str:
    """A filter that lm-evaluation-harness adds to Jinja's own."""
    return re.sub(pattern, new, text, count=count)


def _environment() -> _Sandbox:
    environment = _Sandbox(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    environment.filters["regex_replace"] = _regex_replace
    return environment


_ENVIRONMENT = _environment()


def compiled(template: str) -> Callable[[Mapping[str, Json]], str]:
    """A function from a row's fields to text.

    Both it and this one raise ValueError saying what is wrong: a mistake in the template, a field
    that a row has not, an attempt to leave the sandbox, more text than a prompt may have.
    """
    try:
        parsed = _ENVIRONMENT.from_string(template)
    except jinja2.TemplateSyntaxError as error:
        raise ValueError(f"{error.message} (line {error.lineno} of the template)") from None

    def render(fields: Mapping[str, Json]) -> str:
        parts, length = [], 0
        try:
            for part in parsed.generate(**fields):
                length += len(part)
                if length > LONGEST_TEXT:
                    raise ValueError(f"it makes more than {LONGEST_TEXT:,} characters")
                parts.append(part)
        except jinja2.TemplateError as error:
            raise ValueError(error.message or type(error).__name__) from None
        except (ArithmeticError, LookupError, TypeError, RecursionError, re.error) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from None
        return "".join(parts)

    return render
