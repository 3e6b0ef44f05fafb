"""Pages for people who read rather than browse."""
