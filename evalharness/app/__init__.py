"""The Streamlit app: a leaderboard and a gallery over a published store, read-only."""
