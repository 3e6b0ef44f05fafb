"""Metrics of text answers: pure functions of an answer and of what its prompt expects."""
