"""What people read an answer with: its prompt, the checks, what was found in it, what judged it."""
