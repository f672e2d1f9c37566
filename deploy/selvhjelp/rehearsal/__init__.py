"""Invented people who use the system by its pages, its public API and their mails, as real people do."""
