"""
The life of a group after its start: it meets with its igangsetter, then on its own, until it ends.

A started group is ``accompanied`` until its igangsetter withdraws by agreement with it; then it is ``independent``. It
ends as ``dissolved``, or as ``expired`` if nobody answers the yearly question whether it still meets.

Each function returns the changed life, or the same object if nothing changes, or raises
:class:`shared.errors.DomainError`. Nothing here calls matching.
"""
