"""From files to nouns: suites, models, prompts and the one registry."""
