"""The only place that writes: journal parts, the DuckDB ledger made of them, artifacts."""
