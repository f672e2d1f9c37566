"""The rules of sign-ups: required fields of a form and the states of a sign-up. No I/O, no clock, no framework."""
