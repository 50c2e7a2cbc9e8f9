"""Keep the best N: a page that shows what would stay and what would go, and why, before anything is decided."""
