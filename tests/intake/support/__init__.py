"""Helpers of the tests of intake."""
