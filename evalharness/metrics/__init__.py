"""Features, texts and timings in; numbers out. Pure functions: no models, no torch."""
