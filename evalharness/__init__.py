"""Which generative model should this project use, and how sure are we?"""
