"""The strip below the grid: how the album's photos spread over scores and time, to filter by drawing over it."""
