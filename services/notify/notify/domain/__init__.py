"""Rules of mails: planning, delivery, relevance and discretion. No I/O and no clock."""
