"""Keeps the libraries from printing what the harness records or shows itself."""

from __future__ import annotations

import logging
from typing import Any

import diffusers
import transformers


class AnsweredElsewhere(logging.Filter):
    """Drops log lines about what an answer's notes, or an error of ours, tell better."""

    SAID = (
        "The following part of your input was truncated",
        "Token indices sequence length is longer",
        "No LoRA keys associated to",
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is worth printing."""
        return not record.getMessage().startswith(self.SAID)


def quieten_libraries() -> None:
    """No progress bars, and nothing printed once per prompt."""
    for name, library in (("diffusers", diffusers), ("transformers", transformers)):
        library_logging: Any = library.utils.logging
        library_logging.disable_progress_bar()
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(f, AnsweredElsewhere) for f in handler.filters):
                handler.addFilter(AnsweredElsewhere())
