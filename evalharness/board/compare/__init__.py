"""Two models, two takes or two runs side by side: what differs, and how sure that is."""

from evalharness.board.compare.comparing import compare
from evalharness.board.compare.comparison import Comparison
from evalharness.board.compare.sides import Side, read_side

__all__ = ["Comparison", "Side", "compare", "read_side"]
