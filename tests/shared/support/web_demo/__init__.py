"""A small service that shows everything the web kit can do."""
