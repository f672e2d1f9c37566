"""When the certificates of a service end, for ``/metrics``: one that ends unseen stops everything."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography import x509

from shared.kit.figures import Family, Sample
from shared.kit.settings import ServiceSettings

EXPIRY: Final = Family(
    "selvhjelp_certificate_expiry_timestamp_seconds",
    "End of the certificate that the service shows, and of the authority that it believes",
    ("certificate",),
)


def expiries(settings: ServiceSettings) -> Iterator[Sample]:
    """Yield the end of each certificate; none for a service without TLS, or whose file cannot be read just now."""
    if settings.tls_certificate_file is not None:
        try:
            own = x509.load_pem_x509_certificates(Path(settings.tls_certificate_file).read_bytes())
        except (OSError, ValueError):
            own = []
        if own:
            yield Sample(EXPIRY, own[0].not_valid_after_utc.timestamp(), ("own",))
    if settings.nats_authority:
        # Where one replaces another, both are believed for a while; the last to end counts.
        authorities = x509.load_pem_x509_certificates(settings.nats_authority.encode())
        yield Sample(EXPIRY, max(each.not_valid_after_utc.timestamp() for each in authorities), ("authority",))
