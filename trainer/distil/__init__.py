"""Distils a compact encoder from larger, frozen ones, on photos without votes.

pool ─crops─▶ views, some made worse ─teachers, once─▶ lessons on disk ─▶ student ─▶ encoder, card
"""
