"""The version of the text that an igangsetter agrees to."""

from typing import Final

VERSION: Final = "igangsetter-1"
"""Stored with every consent; a new one for every change of ``web.account_consent``, as a test checks."""
