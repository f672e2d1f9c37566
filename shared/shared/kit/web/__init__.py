"""Pages, forms and errors as every service shows them."""
