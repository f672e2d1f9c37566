"""The composition root of intake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from fastapi import FastAPI
from pydantic import SecretStr

from intake import handlers, jobs
from intake.job_types import JobContext
from intake.queries.figures import read_figures
from intake.settings import Settings
from intake.store import audit_log, dead_letters, inbox, known_streams, outbox, policy_book, security_events, task_book
from intake.store.people import newest_erased
from intake.submission_worker import SubmissionWorker
from intake.usecases import network_limits
from intake.usecases.identity_provider import Client, IdentityProvider
from intake.usecases.mail_budget import MailCaps
from intake.usecases.password_hashes import PasswordHashes
from intake.usecases.provider_sign_in import SignInAttempts
from intake.usecases.rebuild import REBUILD
from intake.usecases.sign_in import LocalUsers
from intake.usecases.staff_factors import SecondFactors
from intake.vault.kek import Kek, LiveKek
from intake.vault.receipt import ReceiptSigner
from intake.vault.return_ticket import ReturnTickets
from intake.vault.vault import Vault
from intake.web import (
    account_pages,
    account_sessions,
    accounts,
    acute,
    api,
    branding,
    centre_page,
    changed_texts,
    corrections,
    embedding,
    figures,
    front,
    group_people,
    is_this_for_me,
    links,
    look_pictures,
    meeting_guests,
    my_page,
    northern_sami,
    overview,
    people,
    people_search,
    phone_signup,
    policies,
    policy_looks,
    policy_texts,
    provider_sign_in,
    public,
    quiet_pairs,
    receipts,
    renewals,
    return_tickets,
    second_step,
    sessions,
    several_people,
    signup,
    staff_account,
    staff_factors,
    staff_help,
    staff_users,
    talk_desk,
    talk_times,
    talks,
    thanks,
)
from intake.web.acts import ACTS
from intake.web.deps import Deps, ProviderSignIn
from intake.web.limits import NetworkLimit
from intake.web.messages import LABELS, SENTENCES
from shared.errors import SettingError
from shared.events import READERS
from shared.kit.assertions import AssertionSigner
from shared.kit.clock import Clock, SystemClock, clock_from
from shared.kit.database.engine import Database
from shared.kit.i18n import format_clock
from shared.kit.jobs import PeriodicJob
from shared.kit.links import Links
from shared.kit.logging import get_logger
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.handled_events import FORGET_HANDLED_SECONDS, HandledEvents
from shared.kit.messaging.retry import is_infrastructure
from shared.kit.service import Service
from shared.kit.staff import wall_now
from shared.kit.version_book import Follower
from shared.kit.web import audit_page, security_page
from shared.kit.web.app import create_app
from shared.kit.web.pages import Pages
from shared.reference import access, helplines, limits, places, ways_on
from shared.reference.centres import CentreDirectory, Centres
from shared.reference.key_rings import (
    FORM_RINGS,
    LINK_RINGS,
    OFFERED_SECRETS,
    PROVIDER_SIGN_INS,
    RECEIPTS,
    SIGN_IN_NAMES,
    TICKETS,
)
from shared.reference.link_purposes import LINK_PATHS
from shared.reference.page_globals import page_globals

NEWEST_ERASED = 2000  # erased people whom new events may still name

log = get_logger(__name__)


class Intake(Service):
    """
    The service with its second database.

    Unlike the other services it completes unfinished erasures before it opens, so that a person whom a restored backup
    brought back is never shown.
    """

    def __init__(self, settings: Settings, database: Database, keys: Database, context: JobContext) -> None:
        super().__init__(
            "intake",
            settings,
            database,
            context.clock,
            outbox=outbox,
            inbox=inbox,
            dead_letters=dead_letters,
            task_book=task_book,
            security_events=security_events,
            consumers=handlers.consumers(context.clock),
            jobs=jobs.periodic_jobs(context),
            background=[
                SubmissionWorker(database, context.vault, context.directory, context.clock, context.caps).run,
                PeriodicJob(
                    "forget_handled_events", FORGET_HANDLED_SECONDS, self.forget_handled_events, self._event_news
                ).forever,
            ],
            follower=Follower(database, policy_book, context.directory.apply),
            erased_ids=newest_erased(NEWEST_ERASED),
            known_streams=known_streams,
            rebuild=REBUILD,
            figures=partial(read_figures, now=context.clock.now),
        )
        self._handled_events = HandledEvents(self.connection, READERS)
        self._keys = keys
        self._context = context
        handlers.serve_contacts(self.broker, database, context.vault, context.clock)

    def _event_news(self) -> object:
        """Count what puts an event into a stream; all that intake forgets in, it publishes to or reads."""
        received = sum(consumer.received for consumer in self.consumers)
        return self.database.written(), received, self._handled_events.unfinished()

    async def forget_handled_events(self) -> None:
        """Delete from the streams what every service has handled."""
        if self.listening:
            await self._handled_events.forget()

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """
        Run everything for as long as the app is served.

        Raises:
            RuntimeError: An erasure cannot be completed.
        """
        try:
            failures = await jobs.FINISH_ERASURES.count_failures(self._context)
            await self._context.vault.fill()
            await jobs.compute_indexes(self._context, at_start=True)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("started_without_database", exc_info=error)  # the job completes them once it is back
            failures = 0
        if failures:
            raise RuntimeError("an erasure cannot be completed")
        await warn_of_callers(self.database)
        try:
            async with super().lifespan(app):
                yield
        finally:
            await self._keys.dispose()


async def warn_of_callers(database: Database) -> None:
    """Log if all forms come from one address: a proxy in front is not named in TRUSTED_PROXIES."""
    try:
        async with database.transaction() as session:
            alike = await network_limits.all_callers_alike(session, wall_now())
    except Exception as error:
        if not is_infrastructure(error):
            raise
        return  # it has been logged that the service starts without its database
    if alike:
        log.warning("callers_alike")


def contract() -> tuple[Consumer, ...]:
    """Return the consumers, to create at the broker or to document; their handlers are never called."""
    return handlers.consumers(SystemClock())


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """
    Return the service as an ASGI app.

    Args:
        settings: As read from the environment.
        clock: By default the one that the settings name.
    """
    clock = clock or clock_from(settings.clock)
    connections = settings.database_connections
    database = Database(settings.database_url, connections, settings.passwords("database_url"))
    keys = Database(settings.keys_database_url, connections, settings.passwords("keys_database_url"))
    kek = LiveKek(settings.live("key_encryption_key", Kek.parse))
    vault = Vault(keys.transaction, kek, settings.ring("blind_index_key"))
    directory = CentreDirectory.from_file(settings.centres_file)
    caps = MailCaps(settings.confirmations_per_hour, settings.unproven_mails_per_hour)
    service = Intake(settings, database, keys, JobContext(database, vault, directory, clock, directory.current(), caps))
    pages = Pages("intake", extra_globals=page_globals(settings.centres_file, format_clock))
    app = create_app(
        "Selvhjelp",
        service=service,
        pages=pages,
        access=access.LINES,
        large_forms=(look_pictures.LARGE_FORMS, several_people.LARGE_FORMS),
        routers=[
            each.router
            for each in (
                api,  # first: routes are looked for in this order, and this one is the busiest
                front,
                public,
                branding,
                embedding,
                is_this_for_me,
                acute,
                signup,
                thanks,
                links,
                renewals,
                changed_texts,
                corrections,
                talks,
                return_tickets,
                receipts,
                meeting_guests,
                quiet_pairs,
                my_page,
                account_sessions,
                account_pages,
                accounts,
                sessions,
                second_step,
                provider_sign_in,
                staff_account,
                staff_factors,
                staff_users,
                staff_help,
                overview,
                figures,
                people_search,
                several_people,  # before people, whose paths have an id in the same place
                people,
                group_people,
                phone_signup,
                talk_times,
                talk_desk,
                policies,
                policy_looks,
                policy_texts,
                northern_sami,
                centre_page,  # last: it answers each other address of one part
            )
        ],
        staff_pages=[
            security_page.routes("/stab/hendelser"),
            audit_page.routes("/stab/historikk", audit_log),
        ],
        openapi=True,
        cors_origins=settings.origins,
        labels=LABELS,
        sentences=SENTENCES,
        shared_forms=FORM_RINGS,
        acts=ACTS,
        frames=embedding.frames_of(directory),
    )
    app.state.deps = Deps(
        pages=pages,
        database=database,
        vault=vault,
        clock=clock,
        directory=directory,
        places=places.load(),
        links=Links(settings.held(LINK_RINGS), LINK_PATHS),
        receipts=ReceiptSigner(settings.ring("intake_key").keys(RECEIPTS)),
        tickets=ReturnTickets(settings.ring("intake_key").keys(TICKETS)),
        users=LocalUsers(database.transaction, settings.ring("intake_key").keys(SIGN_IN_NAMES), PasswordHashes()),
        factors=SecondFactors(settings.ring("intake_key").keys(OFFERED_SECRETS), kek, settings.public_url),
        provider=_provider(settings, directory.current()),
        local_passwords=settings.local_passwords,
        public_url=settings.public_url,
        second_factor_from=settings.second_factor_from,
        signup_limit=NetworkLimit(database, vault, limits.SIGNUPS, settings.signups_per_address),
        draft_limit=NetworkLimit(database, vault, limits.DRAFTS, settings.drafts_per_address),
        sign_in_limit=NetworkLimit(database, vault, limits.SIGN_IN_FAILURES, limits.SIGN_IN_FAILURES.figure),
        assertions=settings.live("staff_signing_key", _signer),
        help_lines=helplines.load(settings.centres_file),
        ways_on=ways_on.load(settings.centres_file),
        api_origins=frozenset({*settings.origins, settings.public_url}),
        secure=settings.public_url.startswith("https://"),
    )
    return app


def _provider(settings: Settings, centres: Centres) -> ProviderSignIn | None:
    """
    Return the way by an identity provider, None without one.

    Raises:
        SettingError: Its groups open a centre that there is not.
    """
    if not settings.oidc_issuer or settings.oidc_client_secret is None:
        return None
    rules = settings.identity_rules
    named = {centre for _, access in rules.access for centre in access.centres}
    if unknown := sorted(named - {centre.id for centre in centres.all}):
        raise SettingError(f"INTAKE_OIDC_ACCESS names centres that there are not: {', '.join(unknown)}")
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        f"{settings.public_url}{provider_sign_in.ANSWER}",
        "openid profile email" if rules.username_claim == "email" else "openid profile",
    )
    name = settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer
    attempts = SignInAttempts(settings.ring("intake_key").keys(PROVIDER_SIGN_INS))
    return ProviderSignIn(IdentityProvider(client), rules, attempts, name)


def _signer(pem: str) -> AssertionSigner:
    return AssertionSigner(SecretStr(pem))
