"""The `selvhjelp` command: run it all here, look after it, rehearse with it."""

import importlib
import pkgutil
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from devtools.local.process import LocalError
from selvhjelp import commands


class Commands(TyperGroup):
    """Finds commands among the modules of `selvhjelp.commands`."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is Typer's
        """All names, as they are written."""
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        if isinstance(group := getattr(module, "app", None), typer.Typer):
            return typer.main.get_command(group)
        app = typer.Typer(add_completion=False)
        app.command(cmd_name)(module.run)
        return typer.main.get_command(app)


app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def selvhjelp() -> None:
    """From a web form to a group that manages by itself."""


def main() -> None:
    """Run the command; an error that we know, or a word that we do not, is one line and a status that is not 0."""
    try:
        status = app(prog_name="selvhjelp", standalone_mode=False)
    except LocalError as error:
        sys.exit(f"selvhjelp: {error}")
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        # Typer keeps the class of its usage errors to itself.
        message, code = getattr(error, "format_message", None), getattr(error, "exit_code", 1)
        if message is None:
            raise
        if message():
            print(f"selvhjelp: {message()}", file=sys.stderr)
        sys.exit(code)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
