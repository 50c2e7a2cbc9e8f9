"""The panel in which a person teaches a personal model."""
