"""The loupe's second window: the current photo large on another screen, or beside."""
