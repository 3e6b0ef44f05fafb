"""What a call came to: an answer, a refusal, or something else that a server calls success."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from evalharness.core.outcomes import Likelihoods, Status

Hide: TypeAlias = Callable[[str], str]
"""Takes the key out of what a server says, before anything else is done with it."""

CUT_OFF = "cut off at max_new_tokens"
ENDS = frozenset({"", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "length"})
LENGTH = frozenset({"length", "max_tokens"})
FILTERED = frozenset({"content_filter", "content-filter", "safety", "recitation", "prohibited"})
BROKEN = frozenset({"error", "abort", "aborted", "insufficient_system_resource"})
_PAGE = re.compile(r"\s*<(!doctype|html|head|body)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Echo:
    """What a server thinks of the tokens of a text: natural logarithms, None for the first one's.

    `best` are those of each place's likeliest token, where it tells.
    """

    tokens: tuple[str, ...]
    logs: tuple[float | None, ...]
    best: tuple[float | None, ...] | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a call ended. `said` is what an ok one gave; `tokens` are (asked, answered)."""

    status: Status
    said: str | Likelihoods | Echo | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    tokens: tuple[int, int] | None = None
    served: str = ""


def failed(reason: str) -> Verdict:
    """A call that gave nothing."""
    return Verdict(Status.FAILED, reason=reason)


def excerpt(text: str) -> str:
    """The first words of something, in one line, for a reason."""
    line = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return repr(shown if len(shown) <= _EXCERPT else shown[:_EXCERPT] + "…")


def decode(body: bytes) -> tuple[str, tuple[str, ...]]:
    """A body as text, and a note when some of it was not UTF-8."""
    try:
        return body.decode(), ()
    except UnicodeDecodeError:
        text = body.decode(errors="replace")
    marks = text.count("\N{REPLACEMENT CHARACTER}")
    return text, (f"not all of the reply was UTF-8: {marks} characters in it are U+FFFD",)


def parse(body: bytes, hide: Hide) -> tuple[Any, tuple[str, ...]]:
    """A body as JSON, with notes; raises ValueError that says what was found instead."""
    text, notes = decode(body)
    try:
        return json.loads(text), notes
    except (ValueError, RecursionError):
        pass
    if _PAGE.match(text):
        title = _TITLE.search(text)
        raise ValueError(f"a web page ({excerpt(hide(title[1] if title else text))}), not JSON")
    if not text.strip():
        raise ValueError("an empty reply, not JSON")
    raise ValueError(f"{len(body)} bytes that are not JSON: {excerpt(hide(text))}")


def read_reply(reply: Any, notes: tuple[str, ...], hide: Hide) -> Verdict:
    """The answer in the JSON of a successful chat or completion."""
    found = _first_choice(reply)
    if found is None:
        return failed(f"no answer in the reply: {excerpt(hide(json.dumps(reply)))}")
    said, finish = found
    text = _text(said)
    finish = hide(finish)
    refusal = said.get("refusal")
    tokens, served = tokens_of(reply), served_as(reply, hide)
    status, reason = Status.OK, ""
    if isinstance(refusal, str) and refusal:
        status, reason = Status.REFUSED, f"refusal: {excerpt(hide(refusal))}"
    elif finish == "refusal":
        status, reason = Status.REFUSED, f"finish_reason refusal: {excerpt(hide(text))}"
    elif finish.lower() in FILTERED:
        status, reason = Status.FILTERED, f"finish_reason {finish} after {len(text)} characters"
    elif finish.lower() in BROKEN:
        status, reason = Status.FAILED, f"finish_reason {finish} after {len(text)} characters"
    elif not text and said.get("tool_calls"):
        status, reason = Status.FAILED, "it asked for tools instead of answering"
    told = (*notes, *_notes(said, text, finish))
    kept = text if status is Status.OK else None
    return Verdict(status, kept, reason, told, tokens, served)


def _first_choice(reply: Any) -> tuple[Mapping[str, Any], str] | None:
    """What was said, a mapping with its text under `content`, and why it ended."""
    choices = reply.get("choices") if isinstance(reply, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        return None
    finish = first.get("finish_reason")
    message = first.get("message", {"content": first.get("text")} if "text" in first else None)
    if not isinstance(message, dict) or not _readable(message.get("content")):
        return None
    return message, finish if isinstance(finish, str) else ""


def _readable(content: object) -> bool:
    return content is None or isinstance(content, str | list)


def _text(said: Mapping[str, Any]) -> str:
    """The answer's own text; some servers send it in parts, thoughts among them."""
    content = said.get("content")
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(str(part.get("text", "")) for part in parts)
    return content if isinstance(content, str) else ""


def _notes(said: Mapping[str, Any], text: str, finish: str) -> list[str]:
    notes = []
    if finish in LENGTH:
        notes.append(CUT_OFF)
    elif finish not in ENDS:
        notes.append(f"finish_reason {finish}"[:_EXCERPT])
    thoughts = said.get("reasoning_content") or said.get("reasoning")
    if isinstance(thoughts, str) and thoughts:
        notes.append(f"{len(thoughts)} characters of reasoning are not part of the answer")
    return notes


def tokens_of(reply: Mapping[str, Any]) -> tuple[int, int] | None:
    """Tokens asked and answered, where the server counted them."""
    usage = reply.get("usage")
    if not isinstance(usage, dict):
        return None
    counts = usage.get("prompt_tokens"), usage.get("completion_tokens", 0)
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in counts):
        return None
    return int(counts[0] or 0), int(counts[1] or 0)


def served_as(reply: Mapping[str, Any], hide: Hide) -> str:
    """The model as the server names it, with its fingerprint where it gives one."""
    model, mark = reply.get("model"), reply.get("system_fingerprint")
    told = [
        hide(model) if isinstance(model, str) and model else "a model without a name",
        f"fingerprint {hide(mark)}" if isinstance(mark, str) and mark else "",
    ]
    return ", ".join(part[:_EXCERPT] for part in told if part)
