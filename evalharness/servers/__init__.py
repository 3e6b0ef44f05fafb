"""Calling OpenAI-compatible servers over HTTP, for backends and for extractors alike.

A question is asked until there is a verdict: what passes is tried again, what no other question
will overcome is raised, and the key shows itself nowhere.
"""
