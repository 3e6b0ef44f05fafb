"""What a language model that judges thinks of answers."""
