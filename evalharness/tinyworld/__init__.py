"""The embedded world: pictures whose truth is known, and small networks trained on them."""
