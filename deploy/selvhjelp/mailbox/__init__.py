"""
The development mailbox: receives every mail over SMTP, stores it in a folder, shows it on a page and by Mailpit's API.

Nothing leaves the machine. In containers the real Mailpit takes its place.
"""
