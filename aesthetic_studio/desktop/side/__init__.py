"""The left side: folders and the filter."""
