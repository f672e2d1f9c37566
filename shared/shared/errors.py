"""The two kinds of failure: what will never succeed, and what may succeed later."""


class DomainError(Exception):
    """
    A rule says no, and will say no however often it is asked: a dead letter from the stream, a 4xx over HTTP.

    Attributes:
        slug: A fixed word for the reason, as ``group_closed``.
        ids: Opaque ids and codes that tell what it was about; never names or addresses.
    """

    def __init__(self, slug: str, **ids: object) -> None:
        self.slug = slug
        self.ids = ids
        super().__init__(" ".join([slug, *(f"{name}={value}" for name, value in ids.items())]))


class NotYet(Exception):  # noqa: N818 - it is no error, only early
    """What this event builds on has not arrived; it is tried again later."""
