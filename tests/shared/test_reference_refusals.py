import pytest

from shared.reference.refusals import Refusal, refusal_of


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (421, "busy"),
        (450, "busy"),
        (452, "mailbox_full"),
        (530, "sign_in_refused"),
        (535, "sign_in_refused"),
        (550, "address_unknown"),
        (551, "address_unknown"),
        (552, "mailbox_full"),
        (553, "address_unknown"),
        (554, "not_accepted"),
        (571, "not_accepted"),
    ],
)
def test_refusal_of_reply_code_is_its_meaning(code: int, refusal: Refusal) -> None:
    assert refusal_of(code) == refusal
