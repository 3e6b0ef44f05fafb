"""Libraries of the extra `text`, imported when a metric first needs them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from evalharness.core.errors import HarnessError


@cache
def library(module: str) -> Any:
    """The imported module; raises HarnessError where its package is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise HarnessError(
            f"This metric needs {module.partition('.')[0]}, which is not installed: "
            "pip install evalharness[text]"
        ) from error


def version_of(package: str) -> str:
    """The installed version, or "none"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
