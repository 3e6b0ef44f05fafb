"""A gate as a small SVG badge: `gate | pass`."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from evalharness.board.gate.verdict import Gate, Outcome
from evalharness.board.inert import plain_text

_COLOURS = {
    Outcome.PASS: "#2e7d32",
    Outcome.REGRESSION: "#b71c1c",
    Outcome.INCONCLUSIVE: "#8a6d00",
    Outcome.BROKEN: "#555555",
}
_LONGEST = 30
_WIDE_PX = 6.6
_PADDING_PX = 12


def badge_svg(gate: Gate) -> str:
    """The SVG text; it loads nothing and runs nothing."""
    name = plain_text(gate.suite)
    name = f"{name[:_LONGEST]}…" if len(name) > _LONGEST else name
    words = name, str(gate.outcome)
    left, right = (round(len(word) * _WIDE_PX) + _PADDING_PX for word in words)
    label = quoteattr(f"gate of {name}: {gate.outcome}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f"aria-label={label}>"
        f'<rect width="{left + right}" height="20" rx="3" fill="#444"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z" '
        f'fill="{_COLOURS[gate.outcome]}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
        'font-size="11">'
        f'<text x="{left / 2}" y="14" {_fitted(left)}>{escape(words[0])}</text>'
        f'<text x="{left + right / 2}" y="14" {_fitted(right)}>{escape(words[1])}</text>'
        "</g></svg>\n"
    )


def _fitted(width: int) -> str:
    """Fonts are as wide as they like: the words are to fill their box and no more."""
    return f'textLength="{width - _PADDING_PX}" lengthAdjust="spacingAndGlyphs"'
