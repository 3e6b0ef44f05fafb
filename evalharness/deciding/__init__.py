"""Decisions that need both a runner and a board: which model to choose, what to let pass."""
