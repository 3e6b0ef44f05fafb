"""How likely a served model finds texts after a prompt, where its server echoes what it is sent.

Servers cut texts into tokens by their own rules and tell their tokens' places in ways that differ.
So the prompt alone is asked about too: what both have in common at their start is the prompt, and

    log p(continuation | prompt) = Σ log p(tokens of prompt + continuation after the common start)
                                 − Σ log p(tokens of the prompt after the common start)

The second sum is empty but where a continuation changes how the prompt's last letters are cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from evalharness.backends.server.bodies import echo_of
from evalharness.backends.server.choices import Choices
from evalharness.core.nouns import Job
from evalharness.core.outcomes import Likelihood, Likelihoods, Status
from evalharness.servers.asking import Asked, Asking
from evalharness.servers.replies import (
    Echo,
    Hide,
    Verdict,
    excerpt,
    failed,
    served_as,
    tokens_of,
)

PATH = "/completions"
NO_ECHO = (
    "the server gives no log-likelihoods: its /completions does not heed echo and logprobs, as "
    "vLLM's does; ask the same weights with the backend transformers"
)
NO_PICTURES = (
    "servers tell no log-likelihoods after a picture: /completions, which echoes, takes none; "
    "ask the same weights with the backend transformers, or ask for an answer (checks.choices)"
)
RAW = "asked through /completions: the words as they are, without a chat template"


def ask_likelihoods(asking: Asking, choices: Choices, job: Job) -> Asked | None:
    """Ask about the prompt and each continuation, one after the other; None as `Asking.ask`."""
    if job.prompt.images:
        return Asked(failed(NO_PICTURES), 0.0)
    alone: Echo | None = None
    found: list[Likelihood] = []
    spent, seconds = [0, 0], 0.0
    for text in ("", *job.prompt.continuations):
        asked = asking.ask(PATH, echo_of(job.text + text, choices), _reader(job.text + text))
        if asked is None:
            return None
        seconds += asked.duration_s
        verdict = asked.verdict
        spent = [sum(pair) for pair in zip(spent, verdict.tokens or (0, 0), strict=True)]
        if not isinstance(verdict.said, Echo):
            return Asked(verdict, seconds)
        if alone is None:
            alone = verdict.said
        else:
            found.append(likelihood(text, alone, verdict.said))
    sound = all(math.isfinite(one.log) for one in found)
    return Asked(
        Verdict(
            Status.OK if sound else Status.NONFINITE,
            Likelihoods(tuple(found)) if sound else None,
            "" if sound else f"log-likelihoods are not finite: {[one.log for one in found]}",
            (RAW, *verdict.notes),
            None if verdict.tokens is None else (spent[0], spent[1]),
            verdict.served,
        ),
        seconds,
    )


def likelihood(text: str, alone: Echo, whole: Echo) -> Likelihood:
    """How likely `text` is, from what was said of the prompt alone and with the text after it.

    A token without a probability after the common start makes it NaN.
    """
    pairs = zip(alone.tokens, whole.tokens, strict=False)
    start = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
    if start is None:
        start = min(len(alone.tokens), len(whole.tokens))
    logs = [math.nan if log is None else log for log in whole.logs[start:]]
    cut = [math.nan if log is None else log for log in alone.logs[start:]]
    greedy = None
    if whole.best is not None:
        best = zip(logs, whole.best[start:], strict=True)
        greedy = all(top is not None and log >= top for log, top in best)
    return Likelihood(text, math.fsum(logs) - math.fsum(cut), len(logs), greedy)


def _reader(sent: str) -> Callable[[Any, tuple[str, ...], Hide], Verdict]:
    def read(reply: Any, notes: tuple[str, ...], hide: Hide) -> Verdict:
        choices = reply.get("choices") if isinstance(reply, dict) else None
        first = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(first, dict):
            return failed(f"no answer in the reply: {excerpt(hide(str(reply)))}")
        echo = _echo(first, tokens_of(reply), sent)
        if echo is None:
            return failed(NO_ECHO)
        return Verdict(
            Status.OK, echo, "", notes, tokens=tokens_of(reply), served=served_as(reply, hide)
        )

    return read


def _echo(first: Mapping[str, Any], counted: tuple[int, int] | None, sent: str) -> Echo | None:
    """What a reply says of the tokens sent; None where it says it of none, or not of all."""
    text, told = first.get("text"), first.get("logprobs")
    if not isinstance(text, str) or not text.startswith(sent) or not isinstance(told, dict):
        return None
    tokens, logs, tops = (told.get(n) for n in ("tokens", "token_logprobs", "top_logprobs"))
    if not isinstance(tokens, list) or not isinstance(logs, list) or len(tokens) != len(logs):
        return None
    n = counted[0] if counted else len(tokens) - 1  # the last is the one that was answered
    if not 0 < n <= len(tokens):
        return None
    best = None
    if isinstance(tops, list) and len(tops) == len(tokens):
        best = tuple(_highest(top) for top in tops[:n])
    return Echo(tuple(map(str, tokens[:n])), tuple(map(_number, logs[:n])), best)


def _highest(top: Any) -> float | None:
    found = [_number(value) for value in top.values()] if isinstance(top, dict) else []
    return max((value for value in found if value is not None), default=None)


def _number(value: Any) -> float | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain else None
