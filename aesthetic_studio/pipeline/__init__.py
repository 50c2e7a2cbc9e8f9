"""Index, score and group: the catalogue, the decoder and the models at work, with progress, cancel and resume."""
