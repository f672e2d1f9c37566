"""
The counters and histograms of this process, for ``/metrics``.

No label holds an id, or anything that a person typed: routes are templates, and every other label is one of a few
fixed words. Figures from the database and the broker are in :mod:`shared.kit.collector`.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Counter("selvhjelp_http_requests", "Answered requests", ["method", "route", "status"])
REQUEST_DURATION: Final = Histogram(
    "selvhjelp_http_request_duration_seconds",
    "Time from a request to the end of its answer",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
)

EVENTS: Final = Counter("selvhjelp_events", "Deliveries of events, by what became of each", ["consumer", "verdict"])
EVENT_DURATION: Final = Histogram(
    "selvhjelp_event_duration_seconds",
    "Time from the delivery of an event to the commit of its effect, or to its failure",
    ["consumer"],
    buckets=(0.005, 0.02, 0.1, 0.3, 1, 3, 10, 30),
)
REDELIVERIES: Final = Counter("selvhjelp_event_redeliveries", "Events that came once more", ["consumer"])

# Not `job`: Prometheus writes its own job there.
JOB_RUNS: Final = Counter("selvhjelp_job_runs", "Runs of periodic jobs", ["periodic_job", "outcome"])
JOB_ITEMS: Final = Counter("selvhjelp_job_items", "Items handled by periodic jobs", ["periodic_job", "outcome"])
JOB_LAST_SUCCESS: Final = Gauge(
    "selvhjelp_job_last_success_timestamp_seconds", "End of the last run that did not fail", ["periodic_job"]
)
JOB_DURATION: Final = Histogram(
    "selvhjelp_job_duration_seconds",
    "Duration of a run of a periodic job",
    ["periodic_job"],
    buckets=(0.01, 0.05, 0.3, 1, 5, 15, 60),
)

LOOP_LAG: Final = Gauge("selvhjelp_event_loop_lag_seconds", "How much too late the last beat of the event loop was")
BUILD: Final = Gauge("selvhjelp_build_info", "Always 1; the labels tell what runs", ["service", "version", "revision"])
SECURITY_EVENTS: Final = Counter("selvhjelp_security_events", "Security events by kind", ["kind"])
UNREADABLE_VERSIONS: Final = Gauge(
    "selvhjelp_unreadable_versions", "Centres whose newest policy this copy cannot read, so that the one before holds"
)
