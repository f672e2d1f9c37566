"""The lines of notify: mails, calls, meetings and messages."""

from functools import partial
from typing import Final

from shared.reference.access.lines import EVERYTHING, FIGURES, FIRST_NAME, NOTHING, Line, Visitor
from shared.reference.roles import Role

KOORDINATOR: Final = Role.KOORDINATOR
ADMIN: Final = Role.ADMIN

_line = partial(Line, "notify")

LINES: Final = (
    _line("GET", "/kalender/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("GET", "/kalenderlenke/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("POST", "/kalenderlenke/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("GET", "/mote-nei-takk/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("POST", "/mote-nei-takk/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("GET", "/mote/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("POST", "/mote/{token}", {Visitor.LINK: NOTHING}, "token"),
    _line("GET", "/moter/{centre_id}", {Visitor.EVERYBODY: NOTHING}, "public_centre"),
    _line("GET", "/moter/{centre_id}/kalender.ics", {Visitor.EVERYBODY: NOTHING}, "public_centre"),
    _line("GET", "/stab/brev", {KOORDINATOR: NOTHING, ADMIN: NOTHING}),
    _line("GET", "/stab/brev/{centre_id}", {KOORDINATOR: NOTHING, ADMIN: NOTHING}, "own_centre"),
    _line("GET", "/stab/brev/{centre_id}/{mail_kind}", {KOORDINATOR: NOTHING, ADMIN: NOTHING}, "own_centre"),
    _line("POST", "/stab/brev/{centre_id}/{mail_kind}", {KOORDINATOR: NOTHING, ADMIN: NOTHING}, "own_centre"),
    _line("GET", "/stab/brev/{centre_id}/{mail_kind}/versjoner", {KOORDINATOR: NOTHING, ADMIN: NOTHING}, "own_centre"),
    _line("GET", "/stab/hendelser/post", {ADMIN: NOTHING}),
    _line("GET", "/stab/historikk/post", {KOORDINATOR: NOTHING, ADMIN: NOTHING}),
    _line("POST", "/stab/historikk/post", {KOORDINATOR: NOTHING, ADMIN: NOTHING}),
    _line("GET", "/stab/meldinger", {KOORDINATOR: FIGURES}),
    _line("POST", "/stab/meldinger", {KOORDINATOR: FIGURES}),
    _line("GET", "/stab/meldinger/ny", {KOORDINATOR: FIGURES}),
    _line("POST", "/stab/meldinger/ny", {KOORDINATOR: NOTHING}),
    _line("GET", "/stab/meldinger/{message_id}", {KOORDINATOR: FIGURES}, "own_message"),
    _line("GET", "/stab/meldinger/{message_id}/endre", {KOORDINATOR: FIGURES}, "own_message"),
    _line("POST", "/stab/meldinger/{message_id}/endre", {KOORDINATOR: NOTHING}, "own_message"),
    _line("POST", "/stab/meldinger/{message_id}/send", {KOORDINATOR: NOTHING}, "own_message"),
    _line("POST", "/stab/meldinger/{message_id}/slett", {KOORDINATOR: NOTHING}, "own_message"),
    _line("POST", "/stab/meldinger/{message_id}/trekk-tilbake", {KOORDINATOR: NOTHING}, "own_message"),
    _line("GET", "/stab/moter", {KOORDINATOR: FIGURES}),
    _line("POST", "/stab/moter", {KOORDINATOR: FIGURES}),
    _line("GET", "/stab/moter/nytt", {KOORDINATOR: FIGURES}),
    _line("POST", "/stab/moter/nytt", {KOORDINATOR: NOTHING}),
    _line("GET", "/stab/moter/{kontaktmote_id}", {KOORDINATOR: FIGURES}, "own_kontaktmote"),
    _line("GET", "/stab/moter/{kontaktmote_id}/avlys", {KOORDINATOR: FIGURES}, "own_kontaktmote"),
    _line("POST", "/stab/moter/{kontaktmote_id}/avlys", {KOORDINATOR: NOTHING}, "own_kontaktmote"),
    _line("GET", "/stab/moter/{kontaktmote_id}/endre", {KOORDINATOR: FIGURES}, "own_kontaktmote"),
    _line("POST", "/stab/moter/{kontaktmote_id}/endre", {KOORDINATOR: NOTHING}, "own_kontaktmote"),
    _line("POST", "/stab/moter/{kontaktmote_id}/holdt", {KOORDINATOR: NOTHING}, "own_kontaktmote"),
    _line("POST", "/stab/moter/{kontaktmote_id}/send", {KOORDINATOR: NOTHING}, "own_kontaktmote"),
    _line("POST", "/stab/moter/{kontaktmote_id}/slett", {KOORDINATOR: NOTHING}, "own_kontaktmote"),
    _line("GET", "/stab/post", {KOORDINATOR: FIGURES}),
    _line("POST", "/stab/post", {KOORDINATOR: FIGURES}),
    _line("GET", "/stab/post/alle", {KOORDINATOR: FIGURES}),
    _line("POST", "/stab/post/alle", {KOORDINATOR: NOTHING}),
    _line("GET", "/stab/post/server", {ADMIN: NOTHING}),
    _line("GET", "/stab/post/{mail_id}", {KOORDINATOR: FIGURES}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/hold", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/igjen", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/la-ligge", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/ring", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/se", {KOORDINATOR: FIRST_NAME}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/slipp", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/post/{mail_id}/stopp", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("GET", "/stab/ring/{mail_id}", {KOORDINATOR: EVERYTHING}, "own_mail"),
    _line("POST", "/stab/ring/{mail_id}/ikke-svar", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/ring/{mail_id}/notert", {KOORDINATOR: NOTHING}, "own_mail"),
    _line("POST", "/stab/ring/{mail_id}/sagt", {KOORDINATOR: NOTHING}, "own_mail"),
)
