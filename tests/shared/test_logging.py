import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.kit import logging
from shared.kit.log_ids import DailyNames
from shared.reference.log_fields import LOG_FIELDS


@pytest.mark.asvs("16.2.4", "16.2.5")
def test_allow_only_drops_and_names_other_fields() -> None:
    keep = logging.allow_only(logging.FIELDS | LOG_FIELDS)

    kept = keep(None, "info", {"event": "signup_received", "signup_id": 1, "email": "kari@example.org"})

    assert kept == {"event": "signup_received", "signup_id": 1, "dropped": ["email"]}


@pytest.mark.asvs("16.4.1")
def test_replace_error_keeps_class_and_place_without_message() -> None:
    fields = logging.replace_error(None, "error", {"event": "failed", "exc_info": ValueError("kari@example.org")})

    assert fields["error"] == "ValueError"
    assert "example.org" not in str(fields)


@pytest.mark.parametrize(
    "value",
    [
        UUID(int=7),
        str(UUID(int=7)),
        UUID(int=7).hex,
        [UUID(int=7), "x"],
        {"seat": UUID(int=7)},
        f"groups/{UUID(int=7)}/seats",
        frozenset({UUID(int=7)}),
    ],
)
def test_ids_have_another_name_every_day(value: object) -> None:
    days = [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 2)]
    names = DailyNames(lambda: days[0])

    def line() -> str:
        return str(names(None, "info", {"event": "seat_answered", "item": value}))

    same, again = line(), line()
    days[0] = date(2026, 1, 2)
    later = line()

    assert same == again != later
    for text in (same, later):
        assert str(UUID(int=7)) not in text
        assert UUID(int=7).hex not in text
    assert DailyNames()(None, "info", {"item": value}) != DailyNames()(None, "info", {"item": value})


def test_events_keep_their_ids_and_other_values_stay() -> None:
    event_id = UUID(int=9)
    fields = {"event": "handled", "event_id": event_id, "correlation_id": event_id, "count": 3, "state": None}

    assert DailyNames()(None, "info", dict(fields)) == fields


LOGS = """
from shared.kit import logging
logging.configure("toy")
logging.get_logger("a").info("first")
import logging as standard
standard.getLogger("somebody.else").warning("second")
standard.getLogger("uvicorn.error").error("third")
"""


@pytest.mark.asvs("16.2.2", "16.2.3")
@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York", "Asia/Kathmandu", "UTC", ""])
def test_lines_are_in_utc_and_on_standard_error_only(zone: str, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    run = subprocess.run(
        [sys.executable, "-c", LOGS], env=os.environ | {"TZ": zone}, cwd=tmp_path, check=True, capture_output=True
    )
    times = [datetime.fromisoformat(json.loads(line)["timestamp"]) for line in run.stderr.splitlines()]
    assert len(times) == 3
    assert all(before <= time <= datetime.now(UTC) and time.utcoffset() == timedelta(0) for time in times)
    assert run.stdout == b""
    assert list(tmp_path.iterdir()) == []


LINES = """
import asyncio, logging as stdlib
from uuid import UUID
from structlog.contextvars import bind_contextvars
from shared.kit import logging
logging.configure("toy", level={level!r})
log = logging.get_logger("toy")
async def main():
    bind_contextvars(correlation_id=UUID(int=7))
    log.info("said")
    log.warning("warned")
    stdlib.getLogger("asyncio").error("of kari@example.org", exc_info=ConnectionError("kari@example.org"))
asyncio.run(main())
"""


@pytest.mark.parametrize(("level", "events"), [("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_log_lines_have_level_correlation_and_a_place(level: str, events: int) -> None:
    code = LINES.format(level=level)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) == events
    assert {line["correlation_id"] for line in lines} == {str(UUID(int=7))}
    foreign = lines[-1]
    assert (foreign["event"], foreign["error"]) == ("library_message", "ConnectionError")
    assert foreign["where"].startswith("asyncio:")
    assert "example.org" not in done.stderr
