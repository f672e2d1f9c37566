"""The inbound mailbox: what mail servers and calendars answer to our mails."""
