"""The compare page: two models, takes or runs side by side."""
