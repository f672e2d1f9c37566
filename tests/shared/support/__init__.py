"""Helpers of the tests of shared: a service in miniature, a site in miniature, and waiting for conditions."""
