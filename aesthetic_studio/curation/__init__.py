"""Decisions as pure functions over records: ranking, series, best shot and their reasons in words.

``series.find_series`` groups the photos of a folder, ``best_shot.order_frames`` orders a burst, ``ranking.rank`` orders
an album and ``reasons`` says why. Nothing here opens a file, and a verdict is never changed.
"""
