"""
Where Northern Sámi is offered first: its kommuner of the forvaltningsområde for Sámi languages.

As in Prop. 58 L (2022-2023), chapter 5, and on Sametinget's page of the area. The numbers are those of kommuner.csv.
Hamarøy (Lule Sámi) and Hattfjelldal, Røyrvik, Røros and Snåsa (Southern Sámi) are not here: Northern Sámi is not their
language.
"""

from typing import Final

NORTHERN_SAMI_KOMMUNER: Final = frozenset(
    {
        "5512",  # Dielddanuorri
        "5518",  # Loabák
        "5540",  # Gáivuotna
        "5610",  # Kárášjohka
        "5612",  # Guovdageaidnu
        "5622",  # Porsáŋgu
        "5628",  # Deatnu
        "5636",  # Unjárga
    }
)
"""Numbers of kommuner; beside each its name in Northern Sámi, as Sametinget writes it."""
