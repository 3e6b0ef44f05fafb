"""The choose page: a brief as a form, and its answer."""
