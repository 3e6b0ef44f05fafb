"""The backend ``scribe``: writes answers that are as right, long and well-formed as programmed.

What the painter is to pictures this is to texts: its truth is known exactly (see
:mod:`evalharness.backends.scribe.programme`), so that metrics, intervals and judges can be proved.
"""

from evalharness.backends.scribe.entry import ENTRY

__all__ = ["ENTRY"]
