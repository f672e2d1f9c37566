"""A checker of the rules of RFC 5546 for the files of each METHOD (3.2.1, 3.2.2, 3.2.5), and of RFC 5545 for all."""

from collections import Counter

_LONGEST_LINE = 75
_REQUIRED = {
    "PUBLISH": {"DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY", "UID", "SEQUENCE"},
    "REQUEST": {"ATTENDEE", "DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY", "UID", "SEQUENCE"},
    "CANCEL": {"DTSTAMP", "ORGANIZER", "UID", "SEQUENCE", "STATUS"},
}
_FORBIDDEN = {
    "PUBLISH": {"ATTENDEE", "REQUEST-STATUS"},
    "REQUEST": {"REQUEST-STATUS"},
    "CANCEL": {"ATTENDEE", "REQUEST-STATUS", "VALARM"},  # a published entry has no attendees (4.1.3)
}
_STATUS = {
    "PUBLISH": {"TENTATIVE", "CONFIRMED", "CANCELLED"},
    "REQUEST": {"TENTATIVE", "CONFIRMED"},
    "CANCEL": {"CANCELLED"},
}


def violations(file: bytes, *, of_request: bool = False) -> list[str]:
    """
    The rules that a file with one event breaks, in words; none for a right one.

    A cancellation of what was requested may name the attendee.
    """
    found = [f"line of {len(line)} octets" for line in file.split(b"\r\n") if len(line) > _LONGEST_LINE]
    if not file.endswith(b"\r\n") or b"\n" in file.replace(b"\r\n", b""):
        found.append("lines must end in CRLF")
    lines = file.replace(b"\r\n ", b"").decode().splitlines()
    method = next((line.removeprefix("METHOD:") for line in lines if line.startswith("METHOD:")), "")
    if method not in _REQUIRED:
        return [*found, f"METHOD {method}"]
    event = _component(lines, "VEVENT")
    names = Counter(line.split(":")[0].split(";")[0] for line in event)
    found += [f"{name} must be there once" for name in sorted(_REQUIRED[method]) if names[name] != 1]
    forbidden = _FORBIDDEN[method] - ({"ATTENDEE"} if of_request else set())
    found += [f"{name} must not be there" for name in sorted(forbidden) if names[name]]
    found += [
        f"BEGIN:{name} must not be there" for name in ("VALARM",) if method == "CANCEL" and f"BEGIN:{name}" in event
    ]
    status = [line.removeprefix("STATUS:") for line in event if line.startswith("STATUS:")]
    found += [f"STATUS {value}" for value in status if value not in _STATUS[method]]
    found += [
        line for line in event if line.startswith("ORGANIZER") and not line.split(":", 1)[1].startswith("mailto:")
    ]
    zones = {line.split("TZID=")[1].split(":")[0] for line in event if "TZID=" in line}
    defined = {line.removeprefix("TZID:") for line in _component(lines, "VTIMEZONE") if line.startswith("TZID:")}
    found += [f"VTIMEZONE of {zone} must be there" for zone in sorted(zones - defined)]
    stamps = [line for line in event if line.startswith("DTSTAMP") and not line.endswith("Z")]
    return found + stamps


def _component(lines: list[str], name: str) -> list[str]:
    """The lines of the first component of a name; empty if there is none."""
    begin, end = f"BEGIN:{name}", f"END:{name}"
    if begin not in lines or end not in lines:
        return []
    return lines[lines.index(begin) + 1 : lines.index(end)]
