"""Board: leaderboard, statistics, gallery and status, read from a published ledger."""
