"""
The dashboards of Grafana, as code: `python -m devtools.dashboards` writes them to ``deploy/observability/dashboards``.

Figures of the database are the same in every copy of a service: ``max`` of them, never ``sum``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable, Row, ThresholdsConfig
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

FOLDER: Final = Path(__file__).parents[2] / "deploy" / "observability" / "dashboards"
SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${source}")
WIDTH: Final = 24
"""Columns of a row in Grafana."""


@dataclass(frozen=True)
class Panel:
    """
    One panel.

    Attributes:
        title: A question in plain words, or the name of what is drawn.
        about: What it shows and what to do, for people who see it for the first time.
        queries: By the words of its legend.
        unit: Grafana's name of the unit.
        red_from: For a single figure: where it turns red; None for a curve.
    """

    title: str
    about: str
    queries: Mapping[str, str]
    unit: str = "short"
    red_from: float | None = None


Rows = Mapping[str, Sequence[Panel]]


def _single(title: str, about: str, query: str, red_from: float, unit: str = "short") -> Panel:
    return Panel(title, about, {"": query}, unit, red_from)


OVERVIEW: Final[Rows] = {
    "Is anybody lost?": [
        _single(
            "Dead letters",
            "Events that a service has given up on: somebody may wait because of each. See the page DeadLetters.",
            "sum(max by (service) (selvhjelp_dead_letters))",
            1,
        ),
        _single(
            "Sign-ups that differ",
            "People whom grouping or notify knows otherwise than intake, or not at all. See the page SignupsDiffer.",
            "sum(max by (service_asked, kind) (selvhjelp_signups_differing))",
            1,
        ),
        _single(
            "Oldest mail that is due",
            "A mail should leave within seconds. See the page MailLate.",
            "max(selvhjelp_mail_oldest_due_seconds)",
            300,
            "s",
        ),
        _single(
            "Oldest event in an outbox",
            "An event should reach the broker within a second. See the page OutboxLate.",
            "max(selvhjelp_outbox_oldest_seconds)",
            60,
            "s",
        ),
        _single(
            "Events that wait for a handler",
            "Of the consumer that is furthest behind. See the page ConsumerBehind.",
            "max(selvhjelp_consumer_pending)",
            100,
        ),
        _single(
            "Since the last sign-up",
            "Days without one can mean that the form does not work. See the page NoSignups.",
            "min(selvhjelp_hours_since_signup)",
            72,
            "h",
        ),
        _single(
            "Since the last backup",
            "There should be one each night. Empty: never. See the page BackupOld.",
            "time() - max(selvhjelp_backup_last_success_timestamp_seconds)",
            93600,
            "s",
        ),
    ],
    "People and groups": [
        Panel(
            "Sign-ups",
            "By state. Numbers from 1 to 4 are left out, so that nobody can be recognised.",
            {"{{state}}": "max by (state) (selvhjelp_signups)"},
        ),
        Panel("People who wait for a group", "1 to 4 are left out.", {"waiting": "max(selvhjelp_waiting)"}),
        Panel(
            "Days that they have waited",
            "Half of those who wait have waited for less than the lower curve.",
            {"{{quantile}}": "max by (quantile) (selvhjelp_waiting_days)"},
            "d",
        ),
        Panel("Groups", "By state; 1 to 4 are left out.", {"{{state}}": "max by (state) (selvhjelp_groups)"}),
    ],
    "The machine": [
        Panel(
            "Is it there?",
            "1 while a service reaches its database and the broker; 0 while not.",
            {
                "{{service}}: database": "min by (service) (selvhjelp_database_up)",
                "{{service}}: broker": "min by (service) (selvhjelp_broker_up)",
            },
        ),
        Panel(
            "Connections to the database",
            "The part of each pool that is in use; at 1 requests wait. See the page PoolExhausted.",
            {"{{service}}": "max by (service) (selvhjelp_database_pool_used / selvhjelp_database_pool_size)"},
            "percentunit",
        ),
        Panel(
            "Lateness of the event loop",
            "How late a service comes to what is due. See the page LoopLate.",
            {"{{service}}": "max by (service) (selvhjelp_event_loop_lag_seconds)"},
            "s",
        ),
        Panel(
            "Days until certificates end",
            "A certificate that has ended stops everything. See the page CertificateEnds.",
            {
                "{{service}}: {{certificate}}": "min by (service, certificate) "
                "(selvhjelp_certificate_expiry_timestamp_seconds - time()) / 86400"
            },
            "d",
        ),
    ],
}

INTAKE: Final[Rows] = {
    "Requests": [
        Panel(
            "Requests a second",
            "By service and answer: 5xx are failures of ours, 4xx refusals.",
            {"{{service}} {{status}}": "sum by (service, status) (rate(selvhjelp_http_requests_total[5m]))"},
            "reqps",
        ),
        Panel(
            "Part of the requests that fail",
            "Answers 5xx. See the page RequestsFail.",
            {
                "{{service}}": 'sum by (service) (rate(selvhjelp_http_requests_total{status="5xx"}[5m]))'
                " / sum by (service) (rate(selvhjelp_http_requests_total[5m]))"
            },
            "percentunit",
        ),
        Panel(
            "Time to answer",
            "99 of 100 requests take less. See the page RequestsSlow.",
            {
                "{{service}}": "histogram_quantile(0.99, sum by (service, le) "
                "(rate(selvhjelp_http_request_duration_seconds_bucket[5m])))"
            },
            "s",
        ),
        Panel(
            "Slowest routes",
            "The mean of each; the template stands for all pages of its kind.",
            {
                "{{route}}": "topk(5, sum by (route) (rate(selvhjelp_http_request_duration_seconds_sum[5m]))"
                " / sum by (route) (rate(selvhjelp_http_request_duration_seconds_count[5m])))"
            },
            "s",
        ),
    ],
    "The form": [
        Panel(
            "Forms and presses",
            "Requests that change something, a minute, by route.",
            {
                "{{route}}": "topk(8, sum by (route) "
                '(rate(selvhjelp_http_requests_total{service="intake",method="POST"}[15m]))) * 60'
            },
        ),
        Panel(
            "Refused",
            "Answers 4xx a minute, by route: many at one route can be a form that nobody can fill in.",
            {"{{route}}": 'topk(8, sum by (route) (rate(selvhjelp_http_requests_total{status="4xx"}[15m]))) * 60'},
        ),
        Panel(
            "Security events",
            "By kind, an hour. Staff read them at /stab/hendelser.",
            {"{{kind}}": "sum by (kind) (increase(selvhjelp_security_events_total[1h]))"},
        ),
    ],
}

STREAM: Final[Rows] = {
    "From the outbox to the stream": [
        Panel(
            "Events that wait for the broker",
            "They are safe in the database. See the page OutboxLate.",
            {"{{service}}": "max by (service) (selvhjelp_outbox_unsent)"},
        ),
        Panel(
            "Age of the oldest",
            "More than a minute is an alert.",
            {"{{service}}": "max by (service) (selvhjelp_outbox_oldest_seconds)"},
            "s",
        ),
        Panel(
            "How full streams are",
            "A full stream takes no more events. See the page StreamFilling.",
            {"{{stream}}": "max by (stream) (selvhjelp_stream_filled_ratio)"},
            "percentunit",
        ),
    ],
    "From the stream to the handlers": [
        Panel(
            "Events that wait for a handler",
            "See the page ConsumerBehind.",
            {"{{consumer}}": "max by (consumer) (selvhjelp_consumer_pending)"},
        ),
        Panel(
            "Is the consumer there?",
            "0: the broker does not know it, and the service receives nothing. See the page ConsumerMissing.",
            {"{{consumer}}": "max by (consumer) (selvhjelp_consumer_up)"},
        ),
        Panel(
            "Handled events",
            "A second, by what became of each. A consumer at 0 with events that wait stands still.",
            {"{{consumer}} {{verdict}}": "sum by (consumer, verdict) (rate(selvhjelp_events_total[5m]))"},
        ),
        Panel(
            "Deliveries that came again",
            "In ten minutes. See the page EventsRetried.",
            {"{{consumer}}": "sum by (consumer) (increase(selvhjelp_event_redeliveries_total[10m]))"},
        ),
        Panel(
            "Time of one event",
            "The mean from delivery to commit.",
            {
                "{{consumer}}": "sum by (consumer) (rate(selvhjelp_event_duration_seconds_sum[5m]))"
                " / sum by (consumer) (rate(selvhjelp_event_duration_seconds_count[5m]))"
            },
            "s",
        ),
    ],
    "Jobs": [
        Panel(
            "Runs that failed",
            "In a quarter of an hour. See the page JobFails.",
            {
                "{{service}} {{periodic_job}}": "sum by (service, periodic_job) "
                '(increase(selvhjelp_job_runs_total{outcome="failed"}[15m])) > 0'
            },
        ),
        Panel(
            "Since the last run that did not fail",
            "Of the ten that have waited longest.",
            {
                "{{service}} {{periodic_job}}": "topk(10, time() - max by (service, periodic_job) "
                "(selvhjelp_job_last_success_timestamp_seconds))"
            },
            "s",
        ),
    ],
}

MAIL: Final[Rows] = {
    "Out": [
        _single(
            "Is the mail server there?",
            "1 unless the last attempt could not reach it.",
            "1 - min(selvhjelp_mail_server_up)",
            1,
        ),
        _single(
            "Oldest mail that is due", "See the page MailLate.", "max(selvhjelp_mail_oldest_due_seconds)", 300, "s"
        ),
        _single(
            "Pause before the next attempt",
            "After failures the mailer waits longer and longer, so as not to be taken for a flood.",
            "max(selvhjelp_mail_pause_seconds)",
            60,
            "s",
        ),
    ],
    "What becomes of mails": [
        Panel(
            "Attempts",
            "A minute, by outcome: rejected means the address or the mail, put_off that the server asks to wait.",
            {"{{outcome}}": "sum by (outcome) (rate(selvhjelp_mail_attempts_total[5m])) * 60"},
        ),
        Panel("Mails by state", "Until retention deletes them.", {"{{state}}": "max by (state) (selvhjelp_mails)"}),
        Panel(
            "Failures in a row",
            "Since the server last took a mail.",
            {"failures": "max(selvhjelp_mail_failures_in_a_row)"},
        ),
    ],
    "In": [
        Panel(
            "What comes back",
            "An hour, by outcome; later means that it could not be recorded. See the page InboundMailStuck.",
            {"{{outcome}}": "sum by (outcome) (increase(selvhjelp_inbound_mails_total[1h]))"},
        ),
    ],
}

DASHBOARDS: Final[Mapping[str, tuple[str, str, Rows]]] = {
    "overview": ("Overview", "Is anybody lost? Begin here: all that is red has a page of the same name.", OVERVIEW),
    "intake": ("Intake and gateway", "Do pages and forms work, and how fast?", INTAKE),
    "stream": ("Stream and outboxes", "Do events get from one service to the others, and do jobs run?", STREAM),
    "mail": ("Mail", "Do mails leave, and what comes back?", MAIL),
}


def documents() -> Mapping[str, str]:
    """Return the JSON of each dashboard, by the name of its file."""
    return {f"{name}.json": _document(name, *parts) for name, parts in DASHBOARDS.items()}


def expressions() -> Sequence[str]:
    """Return all queries."""
    return [
        query
        for _, _, rows in DASHBOARDS.values()
        for panels in rows.values()
        for panel in panels
        for query in panel.queries.values()
    ]


def _document(name: str, title: str, about: str, rows: Rows) -> str:
    board = (
        Dashboard(f"Selvhjelp: {title}")
        .uid(f"selvhjelp-{name}")
        .description(about)
        .tags(["selvhjelp"])
        .refresh("1m")
        .time("now-6h", "now")
        .timezone("browser")
        .editable()
        .with_variable(DatasourceVariable("source").label("Prometheus").type("prometheus"))
    )
    for heading, panels in rows.items():
        board.with_row(Row(heading))
        span = max(WIDTH // len(panels), 6 if panels[0].red_from is None else 4)
        for panel in panels:
            board.with_panel(_curve(panel, span) if panel.red_from is None else _figure(panel, span, panel.red_from))
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def _curve(panel: Panel, span: int) -> timeseries.Panel:
    drawn = timeseries.Panel().title(panel.title).description(panel.about).datasource(SOURCE).unit(panel.unit)
    drawn.min(0).span(span).height(8)
    for legend, query in panel.queries.items():
        drawn.with_target(prometheus.Dataquery().expr(query).legend_format(legend))
    return drawn


def _figure(panel: Panel, span: int, red_from: float) -> stat.Panel:
    colours = [Threshold(value=None, color="green"), Threshold(value=red_from, color="red")]
    (query,) = panel.queries.values()
    return (
        stat.Panel()
        .title(panel.title)
        .description(panel.about)
        .datasource(SOURCE)
        .unit(panel.unit)
        .span(span)
        .height(5)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(colours))
        .with_target(prometheus.Dataquery().expr(query).instant())
    )


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
