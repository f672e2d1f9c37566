"""The text that tests search for names has no random part left, and all of the rest."""

import secrets
from uuid import uuid4

import pytest

from tests.shared.support.plain import without_tokens


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('<a href="/nn/plass/0TKlci2d59Adahs2bUNhTVQ4G0c1QqDYBvgN8D7QVD2_nNvq">', '<a href="/nn/plass/…">'),
        ('name="_csrf" value="s2b-Adahw_QqDYBvgN8D7QVD2"', 'name="_csrf" value="…"'),
        ("/stab/post/550e8400-e29b-41d4-a716-446655440000/stopp", "/stab/post/…/stopp"),
        ("Ada Adasen, ada@example.org, +4791234567", "Ada Adasen, ada@example.org, +4791234567"),
        ('class="ds-button-group-of-many-words">Ada</button>', 'class="ds-button-group-of-many-words">Ada</button>'),
        ("ada.lovelace.byron1815@example.org", "ada.lovelace.byron1815@example.org"),
        ("møteplassen-i-Åsane-kl-18-hos-Ada", "møteplassen-i-Åsane-kl-18-hos-Ada"),
    ],
)
def test_without_tokens_takes_random_parts_and_nothing_else(text: str, left: str) -> None:
    assert without_tokens(text) == left


def test_without_tokens_leaves_nothing_of_random_tokens() -> None:
    for _ in range(1_000):
        token = "7" + secrets.token_urlsafe(32)
        assert without_tokens(f"/plass/{token}, {uuid4()}") == "/plass/…, …"
