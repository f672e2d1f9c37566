"""HTTP: public pages, the API for the centres' own forms, and staff pages."""
