"""Finding photos by how they look."""
