"""The rules of messages: when one is due, what becomes of it, and what it may say. No I/O, no clock."""
