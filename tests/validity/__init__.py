"""The laboratory: do metrics move as they should where the truth is known?

`python -m tests.validity` paints with programmed mistakes, measures through the ordinary pipeline,
compares with what `expected.yaml` said beforehand, and writes `reports/validity.md`.
"""
