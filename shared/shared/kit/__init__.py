"""Infrastructure that at least two services need, and that knows no business noun."""
