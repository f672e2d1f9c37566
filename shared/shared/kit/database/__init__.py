"""PostgreSQL: the engine with its transactions, and migrations."""
