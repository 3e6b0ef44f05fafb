"""One answer to be read: the question, the answer, how it came out, what judged it."""

from __future__ import annotations

from collections.abc import Iterator

from evalharness.app.diffs import words_apart
from evalharness.app.pieces import Payload
from evalharness.app.wording import (
    FIRST,
    MOST_ASKED,
    check_rows,
    code_pieces,
    likely_bars,
    marked,
    prompt_pictures,
    read_as,
    rest_of,
    run_row,
)
from evalharness.board.answers.seen import Judgement
from evalharness.board.detail import ArtifactEntry
from evalharness.board.gallery import OutputDetail
from evalharness.core.nouns import Json, Prompt

LEAST_WORDS = 3
"""Words of a target from which on an answer is held against it word by word."""
MOST_BESIDE = 4_000
"""Characters of an answer, and of a target, that are held against each other."""


def reading_payload(detail: OutputDetail, artifact: ArtifactEntry | None) -> Payload:
    """What `pieces.answer` draws of a text or of likelihoods; None: of the checks alone."""
    prompt = detail.prompt
    text = None if artifact is None or artifact.likely else artifact.text or ""
    return {
        "pictures": [] if artifact is None else prompt_pictures(prompt),
        "question": "" if artifact is None else prompt.text[:MOST_ASKED],
        "answer": None if artifact is None or text is None else _answer(prompt, artifact, text),
        "likely": [] if artifact is None else likely_bars(artifact.likely),
        "beside": [] if text is None else _beside(prompt, text),
        "checks": list(check_rows(detail.checks)),
        "runs": [run_row(one) for one in detail.runs],
        "judged": list(_judged(detail.judgements)),
    }


def _answer(prompt: Prompt, artifact: ArtifactEntry, text: str) -> Json:
    is_code = "code" in prompt.checks
    shown = text[:FIRST]
    whole = artifact.characters is None or artifact.characters <= len(text)
    return {
        "pieces": code_pieces(shown) if is_code and shown else marked(prompt, text),
        "code": is_code,
        # the end of an answer that is not read here may say something else
        "read": read_as(prompt, text) if whole else None,
        "rest": rest_of(artifact.sha256, shown, artifact.characters),
    }


def _beside(prompt: Prompt, text: str) -> list[Json]:
    """The target with what the answer leaves out and adds; nothing where words decide nothing."""
    target = prompt.target or ""
    if len(target.split()) < LEAST_WORDS or {"choices", "labels", "code"} & prompt.checks.keys():
        return []
    if text.strip() == target.strip():
        return []
    parts = words_apart(target[:MOST_BESIDE], text[:MOST_BESIDE])
    return [{"text": words, "kind": kind} for words, kind in parts]


def _judged(found: tuple[Judgement, ...]) -> Iterator[Json]:
    for one in found:
        said = "no verdict" if one.value is None else _verdict(one)
        yield {
            "instrument": one.instrument,
            "question": one.question,
            "verdict": said,
            "said": one.problem or one.said,
        }


def _verdict(one: Judgement) -> str:
    if one.question == "grade":
        return f"{one.value:g} of 10"
    return {1.0: "better", 0.0: "worse"}.get(one.value if one.value is not None else 0.5, "a tie")
