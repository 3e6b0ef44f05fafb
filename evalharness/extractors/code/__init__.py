"""Runs the Python that models write, with its tests, in a sandbox; never in our own processes.

Importing this package is light; what runs programs comes with `instrument.CodeExtractor`.
"""

from evalharness.extractors.code.entry import ENTRY

__all__ = ["ENTRY"]
