"""What arrives over HTTP: public pages, the centres' own forms, and staff."""
