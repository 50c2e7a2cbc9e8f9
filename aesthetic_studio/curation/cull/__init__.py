"""Keep the best N of many photos: who stays, who goes, and why.

::

    photos ──places──▶ one a photo, burst frame or whole set ──choosing──▶ the order of keeping ──plan──▶ fate + reason
                                                                                                            │
                                 verdicts as they are now ──▶ changes: picks and rejects, as one step ◀─────┘
"""
