"""The network of an address: what one caller can have."""

import pytest

from shared.kit.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.114.9", "203.0.114.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/56"),
        ("2001:db8:1:ff::", "2001:db8:1::/56"),
        ("2001:db8:1:100::1", "2001:db8:1:100::/56"),
        ("unix:", "unix:"),
        (None, ""),
    ],
)
def test_network_of_address_is_what_one_caller_can_have(address: str | None, network: str) -> None:
    assert network_of(address) == network
