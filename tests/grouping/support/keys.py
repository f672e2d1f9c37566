"""Keys of these tests."""

from pydantic import SecretStr

LINK_KEY = SecretStr("link-key-of-the-tests-" + "x" * 20)
FORM_KEY = SecretStr("form-key-of-the-tests-" + "x" * 20)
