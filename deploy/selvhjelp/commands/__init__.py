"""
The commands of `selvhjelp`, one module each: its function `run`, or a Typer `app` where there are subcommands.

Each function imports its libraries itself when it runs, so that no command waits for those of another.
"""
