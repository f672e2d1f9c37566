"""Staff pages of notify."""
