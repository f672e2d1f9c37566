"""Invented people who use the system as real ones do: by its pages, its public API and the mails they get."""
