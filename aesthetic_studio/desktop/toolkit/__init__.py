"""What all parts of the window share: theme, colours, controls, words, keys."""
