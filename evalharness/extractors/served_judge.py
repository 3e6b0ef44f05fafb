"""`served_judge`: a judge behind an OpenAI-compatible server. The light half.

The source is the model's name there: `served_judge:org/model`, or `served_judge:org/model@WORD`
with a word of one's own for what is served today. The server's address comes from the environment,
so that no suite holds it, as does its key, which stands nowhere:

  EVALHARNESS_JUDGE_URL   the base URL, such as http://127.0.0.1:8000/v1
  EVALHARNESS_JUDGE_KEY   the key, where one is needed (else OPENAI_API_KEY for api.openai.com)

options: max_new_tokens (256), body (further fields of what is sent, such as {reasoning_effort:
low}; null takes one out, such as {temperature: null})
"""

from __future__ import annotations

import hashlib
import os

from evalharness.catalog.addresses import read_address
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.extractors.instrument_options import refuse_unknown, wrong
from evalharness.extractors.judge import room_for_words
from evalharness.servers.reach import CONCURRENCY, KEYS, OPENAI, OWN_FIELDS, Reach

URL, KEY = "EVALHARNESS_JUDGE_URL", "EVALHARNESS_JUDGE_KEY"
OPTIONS = ("body", "max_new_tokens")


def reach_of(instrument: Instrument) -> Reach:
    """How the judge's server is called, by the environment; raises BadInputError."""
    what = f"instrument {instrument.name!r}"
    url = os.environ.get(URL, "").strip()
    if not url:
        raise BadInputError(
            f"{what} is asked on a server whose address comes from the environment, and {URL} is "
            "not set. Set it to the base URL, such as http://127.0.0.1:8000/v1."
        )
    address = read_address(f"{url}#{instrument.source}", f"{what} ({URL})")
    key_env = KEY if os.environ.get(KEY, "").strip() else None
    if key_env is None and f"{address.url}/".startswith(OPENAI):
        key_env = "OPENAI_API_KEY"
    return Reach(address, key_env=key_env, key_place=KEY)


def body_of(instrument: Instrument) -> dict[str, Json]:
    """The option `body`; raises BadInputError for keys and for fields that are not to be chosen."""
    body = instrument.options.get("body", {})
    if not isinstance(body, dict) or {name.lower() for name in body} & {*KEYS, *OWN_FIELDS}:
        taken = ", ".join(sorted({*KEYS, *OWN_FIELDS}))
        raise wrong(instrument, "body", f"a mapping without {taken} (a key belongs into {KEY})")
    return dict(body)


def resolve(instrument: Instrument) -> Resolution:
    """Check all that can be without a word to the server; raises BadInputError.

    Without a revision of the user's own, the address and the model's name are the identity.
    """
    refuse_unknown(instrument, OPTIONS)
    room_for_words(instrument)
    body_of(instrument)
    if not instrument.source:
        raise BadInputError(
            f"instrument {instrument.name!r} names no model. Write served_judge:MODEL, with the "
            f"name that the server at {URL} knows it by."
        )
    if instrument.revision is not None:
        return Resolution(f"{instrument.source}@{instrument.revision}", location="")
    source = reach_of(instrument).address.source
    mark = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Resolution(f"unpinned:{mark}", location="")


ENTRY = ExtractorEntry(
    name="served_judge",
    version=1,
    reads=frozenset({"exchange"}),
    gives=frozenset({"grade", "verdict"}),
    resolve=resolve,
    implementation="evalharness.extractors.served_judge_calls:ServedJudge",
    batch_size=CONCURRENCY,  # what came is stored, and told to the parent, after each round
    imports=("httpx",),
    remote=True,
)
