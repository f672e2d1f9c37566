"""The sentences of the start sheet (msgids), by the names of :mod:`grouping.domain.start_sheet`."""

from typing import Final

from grouping.domain.start_sheet import Part
from shared.kit.i18n import N_

TITLE: Final = N_("Startark for det første møtet")
LEAD: Final = N_("Dere begynner uten igangsetter. Dette arket hjelper dere i gang. Ta det med, og les det sammen.")

HEADINGS: Final[dict[Part, str]] = {
    "find": N_("Slik finner dere hverandre"),
    "enter": N_("Slik kommer dere inn"),
    "first": N_("Det første møtet, steg for steg"),
    "principles": N_("Det gruppa bygger på"),
    "rounds": N_("Runder"),
    "pledge": N_("Taushetsplikt"),
    "help": N_("Trenger dere noen?"),
}

SENTENCES: Final[dict[str, str]] = {
    "come_early": N_(
        "Kom gjerne ti minutter før. Den som er først, blir stående ved inngangen til de andre har kommet."
    ),
    "ask_about_the_time": N_(
        "Spør bare: «Skal du også på møtet klokka %(clock)s?» Ingen andre trenger å vite hva slags møte det er."
    ),
    "first_names": N_("Fornavn holder. Dere velger selv hva mer dere vil si om dere selv."),
    "on_screen_early": N_("Logg på noen minutter før, så dere ser at lyd og bilde virker. Fornavn holder."),
    "ask_the_centre": N_(
        "Vet dere ikke hvem som låser opp eller hvor nøkkelen er, så spør %(centre)s i god tid før møtet."
    ),
    "agree_who_opens": N_("Er stedet låst eller fullt, så finn et rolig sted i nærheten der dere kan snakke fritt."),
    "door_is_closed": N_("Kommer dere ikke inn, så vent et kvarter sammen ved inngangen før dere finner på noe annet."),
    "who_next_time": N_("Bli enige før dere går: Hvem tar med nøkkelen, eller kommer først, neste gang?"),
    "screen_link": N_("Lenken til møtet står i e-posten om tid og sted."),
    "screen_alone": N_("Sett deg der ingen andre hører dere, eller bruk hodetelefoner."),
    "keep_time": N_(
        "Sett dere så alle ser hverandre, og slå av lyden på telefonene. En av dere passer på klokka i dag, en annen "
        "neste gang. Møtet varer i %(minutes)s minutter."
    ),
    "read_aloud": N_("Les dette arket høyt, litt hver."),
    "introduce": N_("Ta en runde: Hva heter du, og hvordan er det å være her? Det er lov å si pass."),
    "pledge_signed_step": N_("Snakk om taushetsplikten før noen forteller om seg selv, og skriv under på side 2."),
    "pledge_agreed_step": N_("Avtal hva taushetsplikten betyr for dere, før noen forteller om seg selv. Se side 2."),
    "pledge_clarified_step": N_(
        "Gjør det tydelig for alle hva dere mener med taushetsplikt, før noen forteller om seg selv. Se side 2."
    ),
    "have_a_break": N_("Ta en pause omtrent halvveis. Kaffe, te eller vann holder."),
    "talk": N_(
        "Bruk resten av tiden på det hver av dere er opptatt av. Det finnes ingen saksliste, og stillhet er lov."
    ),
    "end_with_a_round": N_("Stopp ti minutter før slutt, og ta en siste runde: Hvordan var det å være med i dag?"),
    "next_meeting": N_(
        "Avtal neste møte: dag, klokkeslett og sted. Mange møtes hver uke eller annenhver uke. Avtal også hvordan dere "
        "sier fra når noen ikke kan komme."
    ),
    "equals": N_("Alle er likeverdige. Ingen leder gruppa, og ingen behandler noen."),
    "own_experience": N_("Fortell om det du selv har opplevd. Gi råd bare når noen ber om det."),
    "own_choice": N_("Hver og en velger hva de vil si. Det er også greit å bare lytte."),
    "let_others_finish": N_("La hverandre snakke ut, og pass på at alle slipper til."),
    "not_alike": N_("Dere trenger ikke å streve med det samme for å ha nytte av hverandre."),
    "alike_or_not": N_("Dere kan streve med det samme eller med helt forskjellige ting."),
    "no_newcomers": N_("Når gruppa har møttes, kommer det ingen nye."),
    "newcomers_by_decision": N_("Det kommer ingen nye, hvis ikke dere bestemmer det sammen."),
    "say_so": N_(
        "Er det noe i gruppa som ikke er bra for deg, så si det til de andre. Det er sjelden bare du som merker det."
    ),
    "leave_in_last_meeting": N_("Du kan slutte når du vil. Fortell det til de andre i det siste møtet ditt."),
    "leave_freely": N_("Du kan slutte når du vil. Det er fint om de andre får vite det."),
    "round_is": N_("I en runde får alle ordet etter tur, og ingen avbryter. Den som vil, sier pass."),
    "round_begins": N_("Til å begynne med: Hvordan er dagen din? Hva har du gått og tenkt på?"),
    "round_ends": N_("Til å slutte med: Hva tar du med deg hjem?"),
    "round_own_way": N_("Dere trenger ikke runder. Etter noen møter har dere funnet deres egen måte."),
    "pledge_words": N_(
        "Det vi sier til hverandre her, sier vi ikke til andre. Vi forteller heller ikke hvem som er med. Det gjelder "
        "også etter at vi har sluttet."
    ),
    "pledge_sign": N_(
        "Alle skriver under med fornavn. Arket blir hos dere. Ingen andre skal ha det, heller ikke senteret."
    ),
    "pledge_agree": N_("Snakk om hva dere vil love hverandre. Dette kan være en begynnelse:"),
    "pledge_questions": N_(
        "Snakk om det som pleier å være uklart: Hva kan vi si hjemme? Hilser vi på hverandre på gata? Hva gjør vi hvis "
        "noen sier noe videre? Dette kan være en begynnelse:"
    ),
    "pledge_danger": N_("Er liv i fare, ringer dere 113. Da gjelder ikke taushetsplikten."),
    "call_the_centre": N_("Ring eller skriv til %(centre)s: %(contact)s."),
    "ask_for_a_visit": N_("Dere kan be senteret komme på besøk når dere har startet."),
    "help_lines": N_("Har noen det vanskelig akkurat nå: Ring %(lines)s."),
}
