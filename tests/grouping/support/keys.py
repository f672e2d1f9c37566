"""Keys of these tests."""

from pydantic import SecretStr

from shared.kit.keys import Ring
from shared.reference.key_rings import VOTES

LINK_KEY = SecretStr("link-key-of-the-tests-" + "x" * 20)
VOTE_KEYS = Ring("grouping_key", LINK_KEY.get_secret_value()).keys(VOTES)
