"""One output in full: the picture, what was asked and sent, and everything measured."""

from __future__ import annotations

import json
from collections.abc import Iterable

import streamlit as st

from evalharness.app.gallery.reading import reading_payload
from evalharness.app.pieces import Payload, answer, facts, figure, pair_viewer
from evalharness.app.routes import picture_url
from evalharness.app.wording import asked_in_short
from evalharness.board.figures import column_format, status_words
from evalharness.board.gallery import OutputDetail
from evalharness.board.numbers import ARROWS
from evalharness.core.nouns import Json
from evalharness.metrics.efficiency import GIB


def show_detail(detail: OutputDetail, *, unblurred: bool = False) -> None:
    """The artifacts (or the reason why there are none) on the left, the facts on the right."""
    left, right = st.columns([6, 5], gap="large")
    with left:
        _show_artifacts(detail, unblurred)
    with right:
        facts({"sections": sections(detail)}, f"facts-{detail.job_key}-{detail.take}")


def _show_artifacts(detail: OutputDetail, unblurred: bool) -> None:
    key = f"{detail.job_key}-{detail.take}"
    pictures = [one for one in detail.artifacts if one.kind == "picture"]
    texts = [one for one in detail.artifacts if one.kind != "picture"]
    flagged = detail.flagged and not unblurred
    for artifact in pictures:
        if detail.prompt.images:
            pair_viewer(change_payload(detail, artifact.sha256, flagged), f"change-{key}")
            continue
        picture: dict[str, Json] = {
            "source": picture_url(artifact.sha256),
            "alt": f"{detail.title}’s picture for: {detail.text}",
            "width": artifact.width,
            "height": artifact.height,
            "flagged": flagged,
        }
        figure(picture, f"figure-{artifact.sha256}")
    if detail.status != "ok" or not detail.artifacts:
        st.warning(f"There is no answer: {status_words(detail.status)}.")
        st.code(detail.reason or "No reason was given.", language=None, wrap_lines=True)
    for place, text in enumerate(texts):
        answer(reading_payload(detail, text), f"answer-{key}-{place}")
    if not texts and detail.checks:
        answer(reading_payload(detail, None), f"answer-{key}")


def change_payload(detail: OutputDetail, after: str, flagged: bool) -> Payload:
    """What `pieces.pair_viewer` draws of a picture that was edited: before and after."""
    before = detail.prompt.images[0].sha256
    sides: list[Json] = [
        {"label": label, "kind": "picture", "source": picture_url(sha256), "flagged": veiled}
        for label, sha256, veiled in (("before", before, False), ("after", after, flagged))
    ]
    return {
        "text": detail.text,
        **asked_in_short(detail.prompt),
        "pictures": [],
        "mode": "slider",
        "first": sides[0],
        "second": sides[1],
        "apart": "",
        "key": after,
        "steps": False,
    }


def _line(
    label: str, value: object, note: str = "", wide: bool = False, copies: bool = False
) -> Json:
    return {"label": label, "value": str(value), "note": note, "wide": wide, "copies": copies}


def _section(title: str, lines: Iterable[Json | None]) -> Json:
    return {"title": title, "lines": [line for line in lines if line is not None]}


def sections(detail: OutputDetail) -> list[Json]:
    """Everything stored about an output, in the order in which people ask for it."""
    found = [_asked(detail), _scores(detail), _model(detail), _made(detail)]
    return [section for section in found if section is not None]


def _asked(detail: OutputDetail) -> Json:
    different = detail.sent != detail.text
    tags = ", ".join(f"{tag}: {value}" for tag, value in detail.tags.items())
    return _section(
        "Asked",
        [
            None if _reads(detail) else _line("Prompt", detail.text, wide=True, copies=True),
            _line("Sent", detail.sent if different else "the prompt as it is"),
            _line("Negative", detail.negative) if detail.negative else None,
            _line("Seed", detail.seed),
            *(
                _line(name, value if isinstance(value, str) else json.dumps(value))
                for name, value in detail.settings.items()
            ),
            _line("Prompt id", detail.prompt_id, note=tags),
        ],
    )


def _reads(detail: OutputDetail) -> bool:
    """Whether the question stands above an answer in words."""
    return any(one.kind != "picture" for one in detail.artifacts)


def _scores(detail: OutputDetail) -> Json:
    if not detail.scores:
        return None
    lines = []
    elsewhere = [one.title for one in detail.scores if one.status == "not_applicable"]
    for score in detail.scores:
        if score.status == "not_applicable":
            continue
        if score.value is None:
            lines.append(_line(score.title, score.status, note=score.reason))
            continue
        form = column_format(score.unit, [(score.value, None, None)])
        number = form.with_unit(score.value)
        better = f"{score.direction} is better {ARROWS.get(score.direction, '')}"
        lines.append(_line(score.title, number, note=better))
    if elsewhere:
        lines.append(_line("Do not apply", ", ".join(elsewhere)))
    return _section("Scores", lines)


def _model(detail: OutputDetail) -> Json:
    return _section(
        "Model",
        [
            _line("Name", detail.model),
            _line("Source", detail.source) if detail.source else None,
            _line("Revision", detail.revision),
            _line("Licence", detail.licence or "unknown"),
            _line("Backend", f"{detail.backend}, version {detail.backend_version}"),
        ],
    )


def _made(detail: OutputDetail) -> Json:
    lines = []
    for entry in detail.attempts:
        memory = entry.peak_memory_bytes
        parts = [
            status_words(entry.status),
            f"{entry.duration_s:.3g} s in a batch of {entry.batch_size}",
            entry.device,
            f"{memory / GIB:.2f} GiB peak" if memory else "",
        ]
        note = "; ".join(part for part in (entry.reason, *entry.notes) if part)
        lines.append(_line(f"Attempt {entry.attempt}", " · ".join(p for p in parts if p), note))
    last = detail.attempts[-1]
    lines.append(_line("When", f"{last.made_at:%Y-%m-%d %H:%M} UTC", note=f"run {last.run}"))
    others = [str(take) for take in detail.takes if take != detail.take]
    lines.append(
        _line("Take", detail.take, note="other takes: " + ", ".join(others) if others else "")
    )
    lines += [
        _line("File", f"{a.format}, {a.bytes:,} bytes", note=_size(a.width, a.height))
        for a in detail.artifacts
    ]
    lines += [_line("sha256", artifact.sha256, copies=True) for artifact in detail.artifacts]
    lines.append(_line("Output key", detail.job_key, copies=True))
    return _section("Made", lines)


def _size(width: int | None, height: int | None) -> str:
    return f"{width} × {height} pixels" if width and height else ""
