"""Check that the identity provider of staff tells its addresses; signs nobody in."""

from typing import Final

from intake.settings import Settings
from intake.usecases.identity_provider import Client, IdentityProvider, ProviderAway
from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.checks.finding import Finding, ok, warning

PART: Final = "identity provider"


async def check(installation: Installation) -> list[Finding]:
    """Read the discovery document, as intake does; nothing without a provider. A provider that is away is a warning."""
    try:
        settings = installation.settings("intake")
    except CommandError:
        return []  # reported by the check of the settings
    if not isinstance(settings, Settings) or not settings.oidc_issuer:
        return []
    provider = IdentityProvider(Client(settings.oidc_issuer, settings.oidc_client_id, "", ""))
    try:
        metadata = await provider.read_metadata()
    except ProviderAway as error:
        what = f"{settings.oidc_issuer} does not tell its addresses as it should ({error})"
        return [warning(PART, what, "see that OIDC_ISSUER is as in its document, and that intake may reach it")]
    findings = [ok(PART, f"{settings.oidc_issuer} answers")]
    if "end_session_endpoint" not in metadata:
        findings.append(ok(PART, "it has no page to sign out; signing out here leaves the session there open"))
    return findings
