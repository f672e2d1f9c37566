"""
What all three services know without asking: places, centres, slots, languages, help lines and texts.

Pure data and models.
Nothing is read but the package's own files and, for centres, the file that an installation names.
Import the module that is needed; this package imports none of them.
"""
