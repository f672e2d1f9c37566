"""
One key for each person, in a database of its own; destroying it makes the person's data unreadable, even in backups.

A value is sealed with AES-256-GCM (NIST SP 800-38D) under the person's own 256-bit key and a random 96-bit nonce,
bound to the person, table and column it belongs to. Person keys are wrapped by a key-encryption key (KEK) that is kept
outside the databases.
"""
