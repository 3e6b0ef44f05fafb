"""The runs page: what runs are doing, have done, and how gates came out."""
