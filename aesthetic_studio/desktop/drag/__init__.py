"""Photos dragged out to other programs, and folders dropped in."""
