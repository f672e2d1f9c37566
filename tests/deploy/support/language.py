"""Finds Norwegian words in texts for operators, which are English."""

import re

_LETTERS = r"\w*[æøåÆØÅ]\w*"
_WORDS = (
    "og ikke er det som kan har av til med ved om eller ble blir ingen ingenting alle alt ett et dette denne de du vi "
    "men igjen nei mangler feil finnes svarer sier skriv skrevet sett velg bruk se ring rett stoppet stopper oppdatert "
    "ukjent slettet slette lest gjelder tjeneste tjenesten tjenestene databasen databaser innstilling innstillinger "
    "hendelse hendelser leseren lesere passord bruker navn roller sentre senteret postkassen postnumre gruppe gruppa "
    "grupper folk uke uker dager tilbud plass advarsel advarsler adresse grunn klar klart logger sperret oppdiktede "
    "mandag tirsdag onsdag torsdag fredag desember kl"
)
_NORWEGIAN = re.compile(rf"\b(?:{_LETTERS}|{_WORDS.replace(' ', '|')})\b", re.IGNORECASE)


def norwegian(text: str) -> list[str]:
    """Return the words of a text that are Norwegian and not English."""
    return _NORWEGIAN.findall(text)
