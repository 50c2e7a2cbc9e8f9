"""Faces and their eyes: two small networks that are fetched on command; everything else works without them.

    preview ──YuNet──▶ faces ──their close-ups──▶ YuNet again: landmarks ──▶ OCEC: eyes open or closed

``parts`` knows where the files lie and needs no numpy; ``finder`` runs them.
"""
