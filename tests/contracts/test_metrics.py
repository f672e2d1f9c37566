"""Each metric is documented, has a conventional name, and no label that could tell people apart."""

import re

from tests.contracts.metrics_document import FILE, document, rows

LABELS = {
    "method", "route", "status", "consumer", "verdict", "periodic_job", "outcome", "service", "version", "revision",
    "certificate", "kind", "stream", "state", "quantile", "service_asked",
}  # fmt: skip


def test_document_of_metrics_is_that_of_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "run `python -m tests.contracts.documents`"


def test_metrics_have_conventional_names_and_few_labels() -> None:
    names = [row.name for row in rows()]
    assert len(names) == len(set(names)) > 30
    for row in rows():
        assert re.fullmatch(r"selvhjelp_[a-z_]+", row.name), row.name
        assert (row.kind == "counter") == row.name.endswith("_total"), row.name
        assert row.kind != "histogram" or row.name.endswith("_seconds"), row.name
        assert set(row.labels) <= LABELS, row.name
        assert row.meaning, row.name
