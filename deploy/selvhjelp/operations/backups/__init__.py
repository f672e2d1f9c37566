"""Backups: all databases at one moment, encrypted to a public key, and back again (decision 45)."""
