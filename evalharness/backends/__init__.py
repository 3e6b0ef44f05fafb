"""Models that answer: the programmed fake, and diffusers pipelines."""
