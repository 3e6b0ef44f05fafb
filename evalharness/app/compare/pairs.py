"""Two sides' answers as the page draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from evalharness.app.pieces import Payload
from evalharness.app.routes import picture_url, thumbnail_url
from evalharness.board.compare.prompt_differences import Answers, PromptDifference
from evalharness.board.figures import Format, status_words
from evalharness.board.gallery import GalleryOutput
from evalharness.core.nouns import Json

LONGEST_DIFF = 20_000
"""Characters of texts beyond which words are not compared one by one: that is quadratic."""


def list_payload(
    shown: Sequence[Answers],
    differences: dict[str, PromptDifference],
    form: Format,
    labels: tuple[str, str],
) -> Payload:
    """What `pieces.pair_list` draws: one line a prompt, with each side's first answer."""
    rows: list[Json] = []
    for one in shown:
        found = differences[one.prompt_id]
        rows.append(
            {
                "prompt": one.prompt_id,
                "text": one.text,
                "difference": signed(form, found.difference),
                "first": {**_answer(one.first, labels[0]), "score": form.number(found.first)},
                "second": {**_answer(one.second, labels[1]), "score": form.number(found.second)},
            }
        )
    return {"rows": rows}


def signed(form: Format, value: float) -> str:
    """A difference with its sign."""
    return f"+{form.number(value)}" if value > 0 else form.number(value)


def _answer(outputs: Sequence[GalleryOutput], label: str) -> dict[str, Json]:
    """The first output that is ok, or why there is none."""
    for output in outputs:
        if output.status == "ok" and output.kind == "picture" and output.sha256:
            return {
                "thumb": thumbnail_url(output.sha256),
                "alt": f"{label}: picture",
                "flagged": output.flagged,
            }
        if output.status == "ok" and output.kind == "text":
            return {"text": output.text or "(an empty text)"}
    return {"text": _why(outputs[0]) if outputs else "not planned"}


def _why(output: GalleryOutput) -> str:
    if output.status is None:
        return "not tried yet"
    reason = f": {output.reason}" if output.reason else ""
    return f"{status_words(output.status)}{reason}"


def viewer_payload(
    one: Answers, seed: int, labels: tuple[str, str], metric: str, form: Format, mode: str
) -> Payload:
    """What `pieces.pair_viewer` draws of one prompt and seed."""
    first, second = (
        next((output for output in outputs if output.seed == seed), None)
        for outputs in (one.first, one.second)
    )
    sides = [
        _side(output, label, metric, form)
        for output, label in zip((first, second), labels, strict=True)
    ]
    texts = [output.text for output in (first, second) if output and output.kind == "text"]
    if len(texts) == 2 and all(text is not None for text in texts):
        marked = list(words_apart(texts[0] or "", texts[1] or ""))
        for place, kind in ((0, "insert"), (1, "delete")):
            sides[place]["words"] = [
                {"text": text, "kind": how} for text, how in marked if how != kind
            ]
    return {
        "text": one.text,
        "mode": mode,
        "first": sides[0],
        "second": sides[1],
        "apart": _apart(first, second, metric, form),
        "key": f"{one.prompt_id}-{seed}",
    }


def _apart(
    first: GalleryOutput | None, second: GalleryOutput | None, metric: str, form: Format
) -> str:
    """By how much two outputs' scores differ, in words; empty where one has none."""
    if first is None or second is None or not (metric in first.scores and metric in second.scores):
        return ""
    difference = second.scores[metric] - first.scores[metric]
    return f"Second minus first in {metric}: {signed(form, difference)} {form.unit}".rstrip()


def _side(output: GalleryOutput | None, label: str, metric: str, form: Format) -> dict[str, Json]:
    if output is None:
        return {"label": label, "kind": "status", "reason": "nothing with this seed"}
    score = output.scores.get(metric)
    made: dict[str, Json] = {
        "label": label,
        "score": "" if score is None else form.with_unit(score),
    }
    if output.status == "ok" and output.kind == "picture" and output.sha256:
        source = picture_url(output.sha256)
        size = f"{output.width} × {output.height}" if output.width and output.height else ""
        return {
            **made,
            "kind": "picture",
            "source": source,
            "size": size,
            "flagged": output.flagged,
        }
    if output.status == "ok" and output.kind == "text":
        whole: list[Json] = [{"text": output.text or "(an empty text)", "kind": "equal"}]
        return {**made, "kind": "text", "words": whole}
    return {**made, "kind": "status", "reason": _why(output)}


def words_apart(first: str, second: str) -> Iterator[tuple[str, str]]:
    """Both texts as one row of pieces: equal, delete (of the first alone), insert (of the second).

    The pieces that are not inserted make up the first text, those not deleted the second.
    """
    if len(first) + len(second) > LONGEST_DIFF:
        yield first, "delete"
        yield second, "insert"
        return
    one, other = _words(first), _words(second)
    for how, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if how == "equal":
            yield "".join(one[a:b]), "equal"
            continue
        if a < b:
            yield "".join(one[a:b]), "delete"
        if c < d:
            yield "".join(other[c:d]), "insert"


def _words(text: str) -> list[str]:
    """Words and what stands between them, so that nothing is lost."""
    found: list[str] = []
    for character in text:
        if found and found[-1][-1].isspace() == character.isspace():
            found[-1] += character
        else:
            found.append(character)
    return found
