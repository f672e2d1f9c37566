"""Matching: who can meet where and when, decided as people arrive."""
