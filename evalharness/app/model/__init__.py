"""The model page: what one model is like."""
