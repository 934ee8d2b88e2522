"""The commands of `praxis audit`, `praxis client`, `praxis keys` and `praxis scim`."""

from pathlib import Path
from typing import Annotated

import typer

audit = typer.Typer(no_args_is_help=True)
client = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True)
scim = typer.Typer(no_args_is_help=True)

ClientId = Annotated[str, typer.Argument(metavar="ID", help="What it calls itself, such as planner.")]
Name = Annotated[str, typer.Argument(help="What people see.")]
Scopes = Annotated[list[str], typer.Option("--scope", help="May be given more than once.")]


@audit.command("verify")
def audit_verify(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    heads: Annotated[list[Path] | None, typer.Option(help="A copy of heads.jsonl that was kept elsewhere.")] = None,
) -> None:
    """Prove that no entry was changed, taken out or put in; code 1 names the first that was."""
    from stack.audit import verify  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    code, told = verify(find_install(), heads or [], as_json=as_json)
    print(told)
    raise typer.Exit(code)


@audit.command("export")
def audit_export(file: Annotated[Path, typer.Argument(help="Its end, .csv or .jsonl, says the format.")]) -> None:
    """Write the whole log to a file that anybody can check."""
    from stack.audit import export  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(export(find_install(), file))


@client.command("add-app")
def client_add_app(
    client_id: ClientId,
    name: Name,
    redirect: Annotated[list[str], typer.Option(help="Where it takes people back; may be given more than once.")],
    scope: Scopes,
    public: Annotated[bool, typer.Option(help="It can't keep a secret: a browser's or a phone's app.")] = False,
) -> None:
    """Register an application that people sign in to; prints its secret once."""
    from stack.clients import add_app  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(add_app(find_install(), client_id, name, redirect, scope, is_public=public))


@client.command("add-service")
def client_add_service(
    client_id: ClientId,
    name: Name,
    scope: Scopes,
    unit: Annotated[str | None, typer.Option(help="Only this org unit and below: its code.")] = None,
) -> None:
    """Register a program that acts for itself; prints its secret once."""
    from stack.clients import add_service  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(add_service(find_install(), client_id, name, scope, unit))


@client.command("list")
def client_list() -> None:
    """All clients, disabled ones too."""
    from stack.clients import listing  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(listing(find_install()))


@client.command("remove")
def client_remove(client_id: ClientId) -> None:
    """Disable a client: its tokens end."""
    from stack.clients import remove  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(remove(find_install(), client_id))


@scim.command("token")
def scim_token(
    name: Annotated[str, typer.Argument(help="Of the directory, such as entra.")],
    days: Annotated[int, typer.Option(help="How long it is good.")] = 365,
) -> None:
    """A token for the company's directory to keep; prints it once, with the address to give."""
    from stack.clients import scim_token as make  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(make(find_install(), name, days))


@scim.callback()
def scim_help() -> None:
    """Keeps `token` a command of its own while it is the only one."""


@keys.command("rotate")
def keys_rotate(
    now_only: Annotated[bool, typer.Option("--now-only", help="A key leaked: refuse all tokens of before.")] = False,
) -> None:
    """Sign tokens with a new key from now on."""
    from stack.clients import rotate  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(rotate(find_install(), now_only=now_only))


@keys.command("rotate-issuer")
def keys_rotate_issuer() -> None:
    """Sign certificates with a new key from now on; what old keys signed stays proven."""
    from stack.clients import rotate_issuer  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(rotate_issuer(find_install()))
