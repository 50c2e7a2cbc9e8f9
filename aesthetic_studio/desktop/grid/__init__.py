"""All photos at once: an item model over ids, and a view whose cost is what is visible."""
