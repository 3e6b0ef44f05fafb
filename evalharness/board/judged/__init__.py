"""What a judge that reads says of models: their answers to each prompt, two at a time."""
