"""``aesthetic-studio-train``: data sets, losses, metrics, recipes and the loop that makes the models."""
