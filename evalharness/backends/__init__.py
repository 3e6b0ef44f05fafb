"""Models that answer: the programmed fake, diffusers pipelines, and models behind servers."""
