"""Trains FGAesQ (arXiv 2603.03907): votes alone, then series and votes in turn.

    photos ─DiffToken─▶ tokens ─FGAesQ─▶ distributions ─▶ EMD                             (coarse batches)
    pairs of series ─DiffToken by 1 − SSIM─▶ tokens ─FGAesQ─▶ scores, E_v ─▶ RankReg, CTAlign   (fine batches)

``objective`` says what a batch is and what it costs, ``comparisons`` why one photo is better, in words, ``start`` where
the weights come from, and ``run`` puts both stages together with the loop.
"""
