"""The kinds of failure: refused for good, missing, or only early."""


class DomainError(Exception):
    """
    A rule refuses, and would refuse every repetition: a dead letter from a stream, 409 over HTTP.

    Attributes:
        slug: A fixed word for the reason, as ``group_closed``.
        ids: Opaque ids and codes of the objects concerned; never names or addresses.
    """

    def __init__(self, slug: str, **ids: object) -> None:
        self.slug = slug
        self.ids = ids
        super().__init__(" ".join([slug, *(f"{name}={value}" for name, value in ids.items())]))


class NotFoundError(DomainError):
    """An object does not exist, or not for this user: 404 over HTTP; the slug is ``unknown_<noun>``."""


class NotYet(Exception):  # noqa: N818 - no error, only early
    """An event builds on another that has not arrived; its message is delivered again later."""


class SettingError(ValueError):
    """
    A setting cannot work; the message is for operators, with one line for each fault, and holds no secret.

    Attributes:
        setting: The setting without the prefix of its service, if the message does not name it.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting
