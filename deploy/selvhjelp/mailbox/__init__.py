"""
The development mailbox: takes every mail over SMTP, keeps it in a folder, shows it on a page and over Mailpit's routes.

Nothing leaves the machine.  In containers the real Mailpit stands in its place.
"""
