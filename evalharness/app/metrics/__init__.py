"""The metrics page: what every number means."""
