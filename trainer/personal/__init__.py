"""The personal model: an installed model that learns from one person's stars, picks, rejects, choices and pairs.

    Judgements ─evidence─▶ comparisons ─┐
                                        ├─preference─▶ residual ─gate─▶ verdict ─versions─▶ installed, or kept aside
    previews ──features──▶ base's answer┘                  └─active─▶ the pairs to ask about next

``learning.learn`` is the whole of it; ``library`` reads a catalogue; ``explain`` says which photos moved, and why.
"""
