"""Every mail as people see it: one page with all of them, and pictures that are compared when mails change."""
