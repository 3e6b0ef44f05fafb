"""The gate: did a model get worse than its baseline, and how sure is that?"""
