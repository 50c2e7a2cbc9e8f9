"""The frames of one series, best first."""
