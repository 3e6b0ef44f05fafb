"""Pictures of the embedded world with questions whose answers are known: the suites for vision."""
