"""The nouns everything speaks in: frozen, typed, without I/O and without torch."""
