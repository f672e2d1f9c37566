"""The keys of form tokens: a service's own, and those of forms that pages of several services have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.kit.keys import Keys


@dataclass(frozen=True)
class FormKeys:
    """
    The keys of form tokens.

    Attributes:
        own: Those of forms that only pages of this service have.
        shared: Pattern of a path, and the keys of forms that post to it and that pages of other services have too.
    """

    own: Keys
    shared: Sequence[tuple[re.Pattern[str], Keys]] = ()

    def of(self, path: str) -> Keys:
        """Return the keys of forms that post to a path."""
        return next((keys for pattern, keys in self.shared if pattern.fullmatch(path)), self.own)
