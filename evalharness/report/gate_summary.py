"""A gate as Markdown: for a job's summary with pictures, and shorter for a comment.

Pictures are put into the page itself unless they are told to be somewhere: GitHub shows only
those that have an address, other readers (GitLab, editors) show both.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from html import escape

from evalharness.board.gate.tables import headline, remark, sheets, worse_text
from evalharness.board.gate.verdict import Gate, Judgement, Outcome, WorsePrompt
from evalharness.board.inert import markdown_text
from evalharness.board.measured import SHARE
from evalharness.board.sheets import Sheet, to_markdown

SUMMARY_BYTES = 1_000_000
"""GitHub refuses summaries of more than 1 MiB."""
COMMENT_BYTES = 64_000
"""GitHub refuses comments of more than 65,536 characters."""
_WIDTH_PX = 128
_LONGEST = 200

Thumb = Callable[[str], bytes | None]
"""A picture's sha256 to the bytes of its WebP thumbnail, None where it is not there."""


def summary_markdown(gate: Gate, thumb: Thumb, at: str = "", limit: int = SUMMARY_BYTES) -> str:
    """The whole page in at most `limit` bytes of UTF-8, with the worst prompts' pictures.

    `at` is the address of the folder where the pictures are to be found; empty puts them into
    the page as long as there is room.
    """
    return _within(limit, to_markdown(sheets(gate)), _worst(gate, thumb, at))


def comment_markdown(gate: Gate, thumb: Thumb, at: str = "", limit: int = COMMENT_BYTES) -> str:
    """What fits into a comment: verdicts that are no pass first, pictures only where `at` is."""
    told = [
        test for test in gate.judgements if test.outcome not in (Outcome.PASS, Outcome.NOT_GATED)
    ]
    rows = tuple((t.model, t.metric, t.outcome, worse_text(t), remark(t)) for t in told)
    problems = tuple(f"{name} could not be judged: {why}" for name, why in gate.problems.items())
    head = ("model", "metric", "verdict", "worse by", "")
    page = to_markdown(
        [
            Sheet(
                headline(gate),
                head,
                rows,
                problems,
            )
        ]
    )
    return _within(limit, page, _worst(gate, thumb if at else _nothing, at))


def _nothing(_sha256: str) -> bytes | None:
    return None


def _within(limit: int, page: str, parts: Iterator[str]) -> str:
    """The page and as many parts as fit; a page that does not fit is cut at a line."""
    kept, left = [page], limit - len(page.encode())
    if left < 0:
        note = "\n… cut: the rest is in the JSON.\n"
        cut = page.encode()[: limit - len(note.encode())].decode("utf-8", "ignore")
        return cut.rpartition("\n")[0] + note
    for part in parts:
        size = len(part.encode())
        if size <= left:
            kept.append(part)
            left -= size
    return "".join(kept)


def _worst(gate: Gate, thumb: Thumb, at: str) -> Iterator[str]:
    """One part a prompt, for every test that is no pass."""
    for test in gate.judgements:
        if test.outcome not in (Outcome.REGRESSION, Outcome.INCONCLUSIVE) or not test.worst:
            continue
        yield f"\n### Worst on {markdown_text(test.metric)}: {markdown_text(test.model)}\n\n"
        for one in test.worst:
            yield _prompt(test, one, thumb, at)


def _prompt(test: Judgement, one: WorsePrompt, thumb: Thumb, at: str) -> str:
    text = one.text if len(one.text) <= _LONGEST else f"{one.text[:_LONGEST]}…"
    words = f"- **{markdown_text(one.prompt_id)}** {markdown_text(text)}: worse by {one.worse:.4g}"
    words += f" {markdown_text(test.unit)}" if test.unit not in ("", SHARE) else ""
    sides = (("before", one.before), ("now", one.after))
    shown = [
        f"{side} {''.join(pictures)}"
        for side, found in sides
        if (pictures := [p for sha256 in found if (p := _picture(sha256, side, thumb, at))])
    ]
    return f"{words}{'<br>' * bool(shown)}\n" + "".join(f"  {line}\n" for line in shown)


def _picture(sha256: str, side: str, thumb: Thumb, at: str) -> str:
    data = thumb(sha256)
    if data is None:
        return ""
    source = f"data:image/webp;base64,{base64.b64encode(data).decode()}"
    if at:
        source = escape(f"{at.rstrip('/')}/{sha256}.webp", quote=True)
    return f'<img src="{source}" width="{_WIDTH_PX}" alt="{side}">'
