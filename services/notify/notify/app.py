"""The composition root of notify."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from uuid import UUID

from fastapi import FastAPI

from notify import handlers, jobs
from notify.context import NotifyContext
from notify.domain.answer_address import AnswerAddresses
from notify.domain.return_path import ReturnPaths
from notify.inbound import imap, lmtp
from notify.inbound.imap import ImapAccount
from notify.inbound.mailbox import InboundMailbox
from notify.inbound.reading import Reader
from notify.mailer import Mailer
from notify.mails.registry import mail_registry
from notify.preparing import MailerSettings
from notify.queries.figures import read_figures
from notify.recipients import Recipients
from notify.rendering import Renderer
from notify.settings import Settings
from notify.signing import Signer
from notify.sms_gateway import HttpGateway
from notify.sms_sender import EVERY_SECONDS, SmsSender
from notify.smtp import SmtpConnection, SmtpTimeouts
from notify.startup import check_first_mails, check_inbound
from notify.store import (
    audit_log,
    dead_letters,
    inbox,
    journal,
    known_streams,
    outbox,
    policy_book,
    security_events,
    task_book,
)
from notify.store.projections import erased_ids
from notify.web import (
    calendar_feeds,
    calls,
    centre_messages,
    invitations,
    kontaktmoter,
    mail_page,
    mail_server,
    mail_texts,
    mails,
    many_mails,
    public_meetings,
)
from notify.web.acts import ACTS
from notify.web.deps import Deps
from notify.web.messages import SENTENCES
from shared.events.contacts import GroupAddress
from shared.kit.clock import Clock, SystemClock, clock_from
from shared.kit.database.engine import Database
from shared.kit.i18n import format_clock
from shared.kit.jobs import PeriodicJob
from shared.kit.links import Links
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.request import request_reply
from shared.kit.service import Service
from shared.kit.version_book import Follower
from shared.kit.web import audit_page, security_page
from shared.kit.web.app import create_app
from shared.kit.web.pages import Pages
from shared.reference import access, helplines
from shared.reference.centres import CentreDirectory
from shared.reference.key_rings import FORM_RINGS, LINK_RINGS, MAIL_TAGS
from shared.reference.link_purposes import LINK_PATHS
from shared.reference.page_globals import page_globals


def contract() -> tuple[Consumer, ...]:
    """Return the consumers, to create at the broker or to document; their handlers are never called."""
    return handlers.consumers(SystemClock(), mail_registry(), CentreDirectory.from_file(None))


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """
    Return the service as an ASGI app.

    Args:
        settings: As read from the environment.
        clock: By default the one that the settings name.
    """
    clock = clock or clock_from(settings.clock)
    database = Database(settings.database_url, settings.database_connections, settings.passwords("database_url"))
    registry = mail_registry()
    directory = CentreDirectory.from_file(settings.centres_file)

    account = _imap_account(settings)

    async def run_mailer() -> None:
        await mailer.run()  # bound below, since the mailer asks for contacts through the broker of the service

    async def open_addresses(kontaktmote_id: UUID, group_ids: Collection[UUID]) -> Sequence[GroupAddress]:
        return await deps.contacts.addresses(kontaktmote_id, group_ids)  # bound below, as the mailer

    async def receive_mails() -> None:
        if inbound is not None:  # bound below, as the mailer
            await lmtp.serve(inbound, settings.lmtp_host, settings.lmtp_port)

    async def collect_mails() -> None:
        if inbound is not None and account is not None:  # bound below, as the mailer
            await imap.collect(inbound, account)

    async def send_sms() -> None:
        if sms_sender is not None:  # bound below, as the mailer
            await sms_sender.run()

    service = Service(
        "notify",
        settings,
        database,
        clock,
        outbox=outbox,
        inbox=inbox,
        dead_letters=dead_letters,
        task_book=task_book,
        security_events=security_events,
        consumers=handlers.consumers(clock, registry, directory),
        jobs=(
            *jobs.periodic_jobs(database, clock, directory, registry, open_addresses),
            *((PeriodicJob("inbound_mailbox", imap.EVERY_SECONDS, collect_mails),) if account else ()),
            *((PeriodicJob("sms", EVERY_SECONDS, send_sms),) if settings.sms_url else ()),
        ),
        background=(run_mailer, receive_mails) if settings.return_path_domain and not account else (run_mailer,),
        follower=Follower(database, policy_book, directory.apply),
        erased_ids=erased_ids(),
        figures=partial(read_figures, now=clock.now),
        journal=journal,
        known_streams=known_streams,
    )
    links = Links(settings.held(LINK_RINGS), LINK_PATHS)
    deps = Deps(
        database=database,
        clock=clock,
        registry=registry,
        contacts=Recipients(partial(request_reply, service.broker), database, clock),
        links=links,
        mail_domain=settings.mail_domain,
        public_url=settings.public_url,
        organizer=settings.mail_from,
        renderer=Renderer(
            registry,
            links,
            settings.public_url,
            settings.mail_domain,
            helplines.load(settings.centres_file),
            settings.mail_from,
            _answer_addresses(settings) if settings.return_path_domain else None,
        ),
        directory=directory,
        pages=Pages("notify", extra_globals=page_globals(settings.centres_file, format_clock)),
    )
    check_first_mails(deps.renderer, directory.current(), settings.mail_from, settings.mail_domain)
    mailer_settings = _mailer_settings(settings)
    inbound = _inbound_mailbox(settings, deps, mailer_settings.return_paths)
    sms_sender = _sms_sender(settings, deps)
    mailer = Mailer(deps, _smtp_connection(settings), mailer_settings)
    app = create_app(
        "Selvhjelp notify",
        service=service,
        pages=deps.pages,
        access=access.LINES,
        routers=[
            module.router
            for module in (
                mails,
                many_mails,
                mail_server,
                mail_page,
                calls,
                kontaktmoter,
                centre_messages,
                mail_texts,
                invitations,
                public_meetings,
                calendar_feeds,
            )
        ],
        staff_pages=[
            security_page.routes("/stab/hendelser/post"),
            audit_page.routes("/stab/historikk/post", audit_log),
        ],
        sentences=SENTENCES,
        shared_forms=FORM_RINGS,
        acts=ACTS,
    )
    app.state.deps = deps
    return app


def _sms_sender(settings: Settings, context: NotifyContext) -> SmsSender | None:
    if settings.sms_url is None or settings.sms_token is None or settings.sms_from is None:
        return None
    gateway = HttpGateway(settings.sms_url, settings.sms_token.get_secret_value(), settings.sms_from)
    return SmsSender(context, gateway)


def _inbound_mailbox(
    settings: Settings, context: NotifyContext, return_paths: ReturnPaths | None
) -> InboundMailbox | None:
    if return_paths is None:
        return None
    if settings.imap_host is None:
        check_inbound(settings.lmtp_host, settings.lmtp_port)
    reader = Reader(return_paths, _answer_addresses(settings), settings.mail_domain)
    return InboundMailbox(context, reader, _tag_keys(settings))


def _tag_keys(settings: Settings) -> Callable[[], Sequence[bytes]]:
    """
    Return the keys of tagged addresses, the newest first, as they are whenever they are asked for.

    Not those of :class:`~shared.kit.keys.Keys`: with the key of before there were versions, addresses were tagged under
    the whole key.
    """
    ring = settings.ring("notify_key")
    return lambda: [ring.key(version, MAIL_TAGS) for version in ring.value]


def _imap_account(settings: Settings) -> ImapAccount | None:
    if settings.imap_host is None or settings.imap_username is None or settings.imap_password is None:
        return None
    return ImapAccount(
        settings.imap_host,
        settings.imap_port,
        settings.imap_security,
        settings.imap_username,
        settings.imap_password.get_secret_value(),
        settings.imap_folder,
    )


def _answer_addresses(settings: Settings) -> AnswerAddresses:
    return AnswerAddresses(settings.return_path_domain or "", _tag_keys(settings))


def _mailer_settings(settings: Settings) -> MailerSettings:
    paths = signer = None
    if settings.return_path_domain is not None:
        paths = ReturnPaths(settings.return_path_domain, _tag_keys(settings))
    if settings.dkim_selector is not None and settings.dkim_key is not None:
        domain = settings.mail_from.rpartition("@")[2]
        signer = Signer(domain, settings.dkim_selector, settings.dkim_key.get_secret_value().encode())
    return MailerSettings(
        settings.mail_from,
        settings.mail_domain,
        settings.mails_per_minute,
        settings.mails_per_hour,
        return_paths=paths,
        signer=signer,
    )


def _smtp_connection(settings: Settings) -> SmtpConnection:
    return SmtpConnection(
        settings.smtp_host,
        settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        timeouts=SmtpTimeouts(
            connect=settings.smtp_connect_timeout_seconds,
            greeting=settings.smtp_greeting_timeout_seconds,
            command=settings.smtp_command_timeout_seconds,
            data=settings.smtp_data_timeout_seconds,
        ),
    )
