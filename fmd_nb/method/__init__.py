"""Feature map distortion: objective, the paper's algorithm, views, edits, terms, the loop, recipes."""
