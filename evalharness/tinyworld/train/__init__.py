"""Training of the networks of the embedded world: ``python -m evalharness.tinyworld.train``."""
