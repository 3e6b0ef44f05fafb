"""The laboratory: do metrics, intervals and decisions hold where the truth is known?

`python -m tests.validity [SECTION…]` measures sections (all without a name) and writes
`reports/validity.md`; `python -m tests.validity page` only writes it, from the figures kept in
`reports/validity/`.
"""
