"""Figures for `reports/benchmarks.md`: run by `make bench`, never by the tests' clock."""
