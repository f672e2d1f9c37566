"""The development mailbox as a process: mail in over SMTP, out over Mailpit's routes and the page."""

import smtplib
import socket
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from devtools.local.ports import answers, free_ports
from devtools.local.process import LocalProcess


class Mailbox(LocalProcess):
    def __init__(self, directory: Path) -> None:
        self.port, self.smtp_port = free_ports(2)
        command: list[str | Path] = [sys.executable, "-m", "selvhjelp.mailbox", "--dir", directory / "mails"]
        ports = ["--port", str(self.port), "--smtp-port", str(self.smtp_port)]
        super().__init__("the mailbox", [*command, *ports], log=directory / "mailbox.log")

    def ready(self) -> bool:
        return answers(self.port)

    def send(self, message: EmailMessage, reply_within: float = 60) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=reply_within) as smtp:
            smtp.send_message(message)


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    process = Mailbox(tmp_path_factory.mktemp("mailbox"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def http(mailbox: Mailbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{mailbox.port}") as client:
        client.delete("/api/v1/messages")
        client.delete("/api/v1/faults")
        yield client


def invitation(to: str = "kari@example.org", subject: str = "Plass på Grünerløkka") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Senteret <post@example.org>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{abs(hash((to, subject)))}@example.org>"
    message["List-Unsubscribe"] = "<http://localhost/meld-av/x>"
    message.set_content("Hei.\nSvar her: http://localhost:8080/plass/abc.def\n")
    message.add_alternative('<p>Hei. <a href="http://localhost:8080/plass/abc.def">Svar</a></p>', subtype="html")
    message.add_attachment(
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
        maintype="text",
        subtype="calendar",
        filename="oppstart.ics",
    )
    return message


def test_mailbox_serves_a_mail_by_mailpits_api(mailbox: Mailbox, http: httpx.Client) -> None:
    mailbox.send(invitation())
    listed = http.get("/api/v1/messages").json()
    assert listed["total"] == 1
    (one,) = listed["messages"]
    assert one["To"] == [{"Name": "", "Address": "kari@example.org"}]
    assert one["From"] == {"Name": "Senteret", "Address": "post@example.org"}
    assert one["Subject"] == "Plass på Grünerløkka"
    mail = http.get(f"/api/v1/message/{one['ID']}").json()
    assert mail["Text"] == "Hei.\nSvar her: http://localhost:8080/plass/abc.def\n"
    assert "http://localhost:8080/plass/abc.def" in mail["HTML"]
    assert mail["MessageID"].endswith("@example.org")
    (attached,) = mail["Attachments"]
    assert (attached["FileName"], attached["ContentType"]) == ("oppstart.ics", "text/calendar")
    content = http.get(f"/api/v1/message/{one['ID']}/part/{attached['PartID']}")
    assert b"METHOD:REQUEST" in content.content
    assert content.headers["content-disposition"] == 'attachment; filename="oppstart.ics"'
    assert http.get(f"/api/v1/message/{one['ID']}/headers").json()["List-Unsubscribe"] == [
        "<http://localhost/meld-av/x>"
    ]
    assert http.get("/api/v1/message/latest").json()["ID"] == one["ID"]
    assert http.get("/api/v1/message/none").status_code == 404


def test_mailbox_lists_newest_first_and_searches(mailbox: Mailbox, http: httpx.Client) -> None:
    for number, name in enumerate(["kari", "ola", "kari"]):
        mailbox.send(invitation(f"{name}@example.org", f"Nummer {number}"))
    subjects = [each["Subject"] for each in http.get("/api/v1/messages").json()["messages"]]
    assert subjects == ["Nummer 2", "Nummer 1", "Nummer 0"]
    result = http.get("/api/v1/search", params={"query": "to:kari@example.org"}).json()
    assert [each["Subject"] for each in result["messages"]] == ["Nummer 2", "Nummer 0"]
    result = http.get("/api/v1/search", params={"query": 'to:kari subject:"Nummer 0"'}).json()
    assert result["messages_count"] == 1
    page = http.get("/api/v1/messages", params={"start": 1, "limit": 1}).json()
    assert [each["Subject"] for each in page["messages"]] == ["Nummer 1"]


def test_mailbox_killed_keeps_its_mails(mailbox: Mailbox, http: httpx.Client) -> None:
    mailbox.send(invitation())
    before = http.get("/api/v1/messages").json()
    mailbox.kill()
    mailbox.start()
    with httpx.Client(base_url=http.base_url) as again:
        assert again.get("/api/v1/messages").json() == before
        again.delete("/api/v1/messages")
        assert again.get("/api/v1/messages").json()["total"] == 0


@pytest.mark.asvs("1.2.1")
def test_mailbox_page_shows_links_and_runs_no_script(mailbox: Mailbox, http: httpx.Client) -> None:
    message = invitation(subject="<script>alert(1)</script>")
    mailbox.send(message)
    mail_id = http.get("/api/v1/message/latest").json()["ID"]
    listed = http.get("/")
    assert "&lt;script&gt;" in listed.text
    assert "script-src" not in listed.headers["content-security-policy"]
    assert listed.headers["content-security-policy"].startswith("default-src 'none'")
    shown = http.get(f"/mail/{mail_id}").text
    assert '<a href="http://localhost:8080/plass/abc.def"' in shown
    assert "METHOD:REQUEST" in shown
    framed = http.get(f"/mail/{mail_id}/html")
    assert "sandbox" in framed.headers["content-security-policy"]
    assert "allow-scripts" not in framed.headers["content-security-policy"]
    assert http.get("/stil.css").headers["content-type"].startswith("text/css")
    assert http.post("/tom").status_code == 303
    assert "Her er det ingen e-post" in http.get("/").text


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
@pytest.mark.parametrize("code", [451, 550])
def test_mailbox_reply_fault_refuses_count_mails_and_stores_none(
    mailbox: Mailbox, http: httpx.Client, stage: str, code: int
) -> None:
    fault = {"kind": "reply", "code": code, "stage": stage, "count": 2}
    assert http.post("/api/v1/faults", json=fault).json()["waiting"][0]["count"] == 2
    for _ in range(2):
        with pytest.raises(smtplib.SMTPException, match=str(code)):
            mailbox.send(invitation())
    assert http.get("/api/v1/messages").json()["total"] == 0
    mailbox.send(invitation())
    assert http.get("/api/v1/messages").json()["total"] == 1


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("drop_before", (smtplib.SMTPServerDisconnected, ConnectionResetError), 0),
        ("drop_after", (smtplib.SMTPServerDisconnected, ConnectionResetError), 1),
        ("silent_after", (smtplib.SMTPServerDisconnected, socket.timeout), 1),
    ],
)
def test_mailbox_break_fault_leaves_sender_without_reply(
    mailbox: Mailbox, http: httpx.Client, kind: str, error: tuple[type[Exception], ...], kept: int
) -> None:
    http.post("/api/v1/faults", json={"kind": kind})
    with pytest.raises(error):
        mailbox.send(invitation(), reply_within=2)
    assert http.get("/api/v1/messages").json()["total"] == kept
    mailbox.send(invitation())
    assert http.get("/api/v1/messages").json()["total"] == kept + 1


def test_mailbox_faults_are_validated_and_can_be_removed(http: httpx.Client) -> None:
    assert http.post("/api/v1/faults", json={"kind": "explode"}).status_code == 422
    http.post("/api/v1/faults", json={"kind": "drop_after", "count": 9})
    assert len(http.get("/api/v1/faults").json()["waiting"]) == 1
    assert http.delete("/api/v1/faults").json() == {"waiting": []}
