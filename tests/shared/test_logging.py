from shared.kit import logging
from shared.reference.log_fields import LOG_FIELDS


def test_allow_only_drops_and_names_other_fields() -> None:
    keep = logging.allow_only(logging.FIELDS | LOG_FIELDS)

    kept = keep(None, "info", {"event": "signup_received", "signup_id": 1, "email": "kari@example.org"})

    assert kept == {"event": "signup_received", "signup_id": 1, "dropped": ["email"]}


def test_replace_error_keeps_class_and_place_without_message() -> None:
    fields = logging.replace_error(None, "error", {"event": "failed", "exc_info": ValueError("kari@example.org")})

    assert fields["error"] == "ValueError"
    assert "example.org" not in str(fields)
