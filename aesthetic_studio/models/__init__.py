"""Models that judge photos: frozen encoders, learnable queries, and the registry that finds and checks them."""
