"""Rules of kontaktmøter, and of other meetings to which a centre invites: no person, no I/O, no clock."""
