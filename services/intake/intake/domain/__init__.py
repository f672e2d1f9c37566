"""The rules of sign-ups: what a form must say, and what can happen to a sign-up. No I/O, no clock, no framework."""
