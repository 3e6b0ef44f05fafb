"""Edits of the embedded world's pictures whose right outcome is known: the suite for editing."""
