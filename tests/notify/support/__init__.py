"""Helpers of the tests of notify: a running notify, invented people, and contents of mails."""
