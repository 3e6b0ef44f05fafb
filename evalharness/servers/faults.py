"""What a server says when it does not answer: whose fault it is, and whether to ask again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import Status
from evalharness.servers.reach import Reach
from evalharness.servers.replies import Verdict, excerpt, failed
from evalharness.servers.secret import Secret

AGAIN = frozenset({408, 409, 425, 429})
MODERATION = re.compile(
    r"content[_ ]?(policy|filter)|moderation|responsible_?ai|safety_|prompt_blocked|"
    r"flagged by|prohibited[_ ]content|data_inspection_failed|sensitive[_ ]content",
    re.IGNORECASE,
)
TOO_LONG = re.compile(
    r"context_length_exceeded|string_above_max_length|exceed_context_size|"
    r"(maximum|max|available|model'?s?) context (length|size|window)|context window|"
    r"(input|prompt) is too long|prompt too long|maximum model length|"
    r"max_new_tokens` must be <=|longer than the (maximum )?(model|context)|"
    r"reduce the length of",
    re.IGNORECASE,
)
FIELDS = re.compile(
    r"(unexpected|unknown|unrecognized|unsupported|extra|additional)[_ ]"
    r"(\w+ )?(field|argument|parameter|propert|value)|"
    r"(parameter|field|argument)s?\b.{0,60}(not (supported|permitted|allowed|recognized))|"
    r"propert(y|ies)\b.{0,60}unsupported|extra_forbidden|extra inputs are not permitted",
    re.IGNORECASE,
)
NO_QUOTA = re.compile(r"insufficient_quota|insufficient (balance|credit|funds)", re.IGNORECASE)
NO_MODEL = re.compile(
    r"model_not_found|invalid model|invalid_model|unknown model|no such model|"
    r"model\b.{0,250}(does ?n[o']t exist|not found)|pinned to '",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Again:
    """A try that may be made once more; `verdict` is what it comes to if it is not."""

    verdict: Verdict
    throttled: bool = False
    reached: bool = True


class NoModelError(BadInputError):
    """The server does not serve the model; who asks it for its list can say what it does."""


def read_fault(status: int, reply: Any, reach: Reach, secret: Secret) -> Verdict | Again:
    """What an unsuccessful reply means for this call.

    `reply` is its parsed JSON, or its text. Raises BadInputError for what no other call of this
    model will overcome: no key, no model, no quota, no such field.
    """
    message, code = map(secret.hide, _message(reply))
    said = f"HTTP {status}{f' {code}' if code else ''}: {excerpt(message)}"
    both = f"{code} {message}"
    # a refusal of one prompt comes as 400, as 403 or as 451, and must not end the whole model
    if 400 <= status < 500 and MODERATION.search(both):
        return Verdict(Status.REFUSED, reason=said)
    if status in (400, 413, 422) and (status == 413 or TOO_LONG.search(both)):
        why = f"the prompt does not fit into the model's context: {said}"
        return Verdict(Status.TOO_LONG, reason=why)
    _raise_for_all(status, both, said, reach, secret)
    if status == 429 or status in AGAIN or status >= 500:
        return Again(failed(said), throttled=status == 429)
    return failed(said)


def _raise_for_all(status: int, both: str, said: str, reach: Reach, secret: Secret) -> None:
    url = reach.address.url
    if status == 402 or (status in (403, 429) and NO_QUOTA.search(both)):
        raise BadInputError(
            f"The account behind {_key(secret)} has nothing left at {url}: {said}. Answers that "
            "came are kept; run again when it has."
        )
    if status in (400, 403, 404, 422) and NO_MODEL.search(both):
        raise NoModelError(f"{url} does not serve the model {reach.address.model!r}: {said}.")
    if status in (401, 403):
        raise BadInputError(
            f"{url} does not let us in with {_key(secret)}: {said}. Set the right key in "
            f"{secret.variable or reach.key_place}."
        )
    if status in (404, 405):
        raise BadInputError(
            f"There is nothing to ask at {url} (api {reach.api}): {said}. Most servers' "
            "addresses end in /v1; some have only one of the two APIs (options.api)."
        )
    if 300 <= status < 400:
        raise BadInputError(f"{url} sends us elsewhere: {said}. Give that address as the source.")
    if status in (400, 422) and FIELDS.search(both):
        raise BadInputError(
            f"{url} does not take one of the fields it was sent: {said}. Leave that setting or "
            "field of options.body out; those that are always sent (temperature, seed, …) are "
            "left out by null: `--set temperature=null`, options.body: {seed: null}."
        )


def _key(secret: Secret) -> str:
    return f"the key in {secret.variable}" if secret.variable else "no key"


def _message(reply: Any) -> tuple[str, str]:
    """The words and the code in the shapes that servers give errors: OpenAI's, FastAPI's, …."""
    error = reply
    if isinstance(reply, dict):
        error = next((reply[k] for k in ("error", "detail", "message") if reply.get(k)), reply)
    if isinstance(error, list):  # FastAPI's, which holds what was sent beside what is wrong
        told = (e.get("msg", "") if isinstance(e, dict) else e for e in error)
        return "; ".join(str(words) for words in told), ""
    if not isinstance(error, dict):
        return str(error), ""
    codes = (error.get(name) for name in ("code", "type", "status"))
    code = next((str(c) for c in codes if isinstance(c, str) and c), "")
    message = error.get("message")
    return (message if isinstance(message, str) and message else str(error)), code
