"""The page about keys and cryptography, made from the tables in the code."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from selvhjelp.operations.key_table import KEYS, Key
from shared.reference.key_rings import FORM_RINGS, LINKS
from shared.reference.link_purposes import LINK_PATHS

PAGE: Final = Path("docs/security/keys.md")

INTRODUCTION: Final = """\
`just schemas` makes this page from `selvhjelp/operations/key_table.py` and `shared/reference/key_rings.py`; a test
compares them. Decision 35 says why.

## Replacing a key

Each key that "rotate" stands beside is a file with versions, `NUMBER@DAY:KEY`, the newest first. The newest makes, all
verify. Services read a file anew within five seconds after it has changed, at SIGHUP, and before they refuse anything,
so that no request fails while some have read it and others have not.

```sh
selvhjelp keys list
selvhjelp keys rotate --all              # or one name; links that were mailed go on working
selvhjelp keys retire common_key         # destroys versions whose links can be of no use any more
selvhjelp keys retire common_key --now   # after a leak: all but the newest; their links stop working
```

With containers, from the folder of `compose.yaml`:

```sh
docker compose run --rm --no-deps -u "$(id -u)" -v "$PWD/var/secrets:/secrets" \\
  selvhjelp keys rotate --all --secrets /secrets
```

The command writes the files in place. A container sees the very file that was mounted at its start; an editor that
gives a new file the old name is seen only after `docker compose up -d --force-recreate`.

`ROTATION_UNDER_LOAD=1 just containers -k every_secret` does this to a stack while people sign up; nobody was refused
([losses.md](../operations/losses.md)).

After a leak, rotate, then retire with `--now`. Where links must go on, leave the old version: it opens only questions
that are older than its replacement, so that nobody makes links to new ones with it. That does not hold for
`grouping_notify_key`: the ids of seats and of questions to igangsettere tell no time, so that the old version opens new
ones too. Retire it with `--now`; the next mail has a new link.

- **key_encryption_key.** After `rotate`, intake wraps all anew within the hour. Then
  `selvhjelp keys retire key_encryption_key` destroys the old one; it asks the databases whether it is still in use.
- **staff_signing_key.** `rotate` writes the public key to `staff_keys` first. Nobody is signed out.
- **Passwords of the databases.** `deploy/rotate.sh passwords`, that of the superuser too. Nothing starts anew: for
  each new connection a service reads its file, and tries the password of before where the server still wants that
  (decision 49).
- **Identities at the broker.** `deploy/rotate.sh identities`: new pairs for all. The broker believes both until new
  copies of the services stand in the place of the old ones, and then forgets the old. If a new copy does not become
  healthy, the old ones serve on: mend it, run `deploy/upgrade.sh --no-build --no-migrate`, then this once more.
- **Certificates inside.** `deploy/secrets.sh` renews those that are in the second half of their life (five years; the
  authority ten), the next `just deploy` brings them to all, and `selvhjelp check` warns in the last month. After a
  leak, or to have it done now: `deploy/rotate.sh certificates`, with `--authority` for a new authority too. New copies
  of the services show the new ones; PostgreSQL, the broker and the gateway read theirs again without a break. Once all
  have them, the old authority is believed no longer.
- **Secrets of providers** (mail, short messages, sign-in). Write the new value into its file in place, then
  `deploy/upgrade.sh --no-build --no-migrate`, before the provider ends the old one.
- **blind_index_key.** Its values are stored and carry their version. Within seconds after `rotate`, intake computes all
  anew from the sealed addresses, in one transaction in which nobody else reads or writes them: about a second for each
  ten thousand people, in which requests wait. The old version is of no use then; `retire --now` destroys it. A form
  that is sent a second time just then, or a limit of the day, may not be recognised.
- **dkim_key.** Publish the new public key under another selector, change `NOTIFY_DKIM_SELECTOR` and the file, restart
  notify, and leave the old record for a week.
- **An installation with one `link_key`.** Run `deploy/secrets.sh` once more: each new file has the key of before as
  version 0, for the links that were mailed. `retire` destroys it when they are old. The files `link_key` and `form_key`
  can go. A form that was open during this one upgrade must be opened again.
"""


def page() -> str:
    """Return the page in Markdown."""
    return (
        "\n".join(
            [
                "# Keys and cryptography",
                "",
                INTRODUCTION,
                "## Keys",
                "",
                "| key | for | algorithm | held by | change | what it made is believed for | who has it can |",
                "|---|---|---|---|---|---|---|",
                *map(_key, KEYS),
                "",
                "## Links",
                "",
                "| page | purpose | key | made by | verified by |",
                "|---|---|---|---|---|",
                *(
                    f"| `{LINK_PATHS[purpose]}` | {purpose} | `{ring}` | {', '.join(sorted(makers))} | {verifier} |"
                    for purpose, (ring, makers, verifier) in LINKS.items()
                ),
                "",
                "## Forms that pages of several services have",
                "",
                "| paths | key |",
                "|---|---|",
                *(f"| {_paths(pattern)} | `{ring}` |" for pattern, ring in FORM_RINGS),
                "",
                "All other forms are under the own key of their service. A form of staff is bound to their session,",
                "another to its path; they are believed for eight hours and a day.",
                "",
                "## Other cryptography",
                "",
                "- Passwords of staff: argon2id (RFC 9106). Session tokens: 256 random bits, stored as SHA-256.",
                "- Random numbers: the operating system's (`secrets`, `os.urandom`). The ids of rows are not secrets.",
                "- What is known about a person: AES-256-GCM, 96-bit random nonce, bound to person, table and column.",
            ]
        )
        + "\n"
    )


def _key(key: Key) -> str:
    life = {None: "–", timedelta(days=1): "a day", timedelta(minutes=1): "a minute"}.get(key.life)
    life = life or f"{key.life.days if key.life else 0} days"
    return (
        f"| `{key.name}` | {key.purpose} | {key.algorithm} | {', '.join(key.holders)} | {key.change} | {life} "
        f"| {key.leaks} |"
    )


def _paths(pattern: str) -> str:
    """Return a pattern as people read it, each path by itself."""
    paths = []
    for part in pattern.replace("[0-9a-f-]+", "…").split("|/"):
        opening, _, ends = part.removesuffix(")").partition("(?:")
        paths += [f"{opening}{end}" for end in ends.split("|")]
    return ", ".join(f"`/{path.removeprefix('/')}`" for path in paths)
