"""Faces in the window: from one to the next at 1:1, and boxes around them."""
