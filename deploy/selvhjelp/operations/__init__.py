"""Operations on an installation from outside its services: migrations, dead letters, erasure, staff, checks."""
