"""The stages: plan, generate, extract, measure; and the engine that runs their children."""
