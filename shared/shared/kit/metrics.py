"""
The counters and histograms of this process, for ``/metrics``.

No label holds an id, or anything that a person typed: routes are templates, and every other label is one of a few
fixed words. What is read from the database and the broker is in :mod:`shared.kit.collector`.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

LOOP_LAG: Final = Gauge("selvhjelp_event_loop_lag_seconds", "How much too late the last beat of the event loop was")

JOB_RUNS: Final = Counter("selvhjelp_job_runs", "Runs of periodic jobs", ["job", "outcome"])
JOB_ITEMS: Final = Counter("selvhjelp_job_items", "Items handled by periodic jobs", ["job", "outcome"])
JOB_LAST_SUCCESS: Final = Gauge("selvhjelp_job_last_success_timestamp_seconds", "End of the last good run", ["job"])
JOB_DURATION: Final = Histogram(
    "selvhjelp_job_duration_seconds", "Duration of a run", ["job"], buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60)
)
SECURITY_EVENTS: Final = Counter("selvhjelp_security_events", "Security events by kind", ["kind"])
