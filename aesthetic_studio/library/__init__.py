"""The catalogue: what the program knows of the person's photos, and the walk that finds them."""
