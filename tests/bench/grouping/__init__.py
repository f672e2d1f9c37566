"""
``just bench-grouping``: how good the grouping engine is, beside what others would use and what is possible at all.

The problem is that of one moment: all waiting people, every room, and no offer published yet.
"""
