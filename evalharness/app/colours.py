"""Colours of charts, readable on light and on dark."""

DOT = "#4a6fc4"
QUIET = "#7d828c"
