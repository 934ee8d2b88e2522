"""The `praxis` command. Each command imports what it needs when it runs, so that help and errors come at once."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from stack.cli_identity import audit, client, keys, scim

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Praxis on one machine. State is in PRAXIS_HOME (default data/local); PRAXIS_API_PORT, "
    "PRAXIS_DASHBOARDS_PORT and PRAXIS_DAGSTER_PORT move the ports; PRAXIS_DATABASE_URL names a Postgres service.",
)

hr = typer.Typer(no_args_is_help=True)
app.add_typer(hr, name="hr", help="Give HR files, see what became of them, decide.")
app.add_typer(audit, name="audit", help="Prove the audit log, or export it.")
app.add_typer(client, name="client", help="Applications that people sign in to, and services.")
app.add_typer(keys, name="keys", help="The keys that sign tokens and certificates.")
app.add_typer(scim, name="scim", help="The company's directory tells who works here: docs/scim.md.")
role = typer.Typer(no_args_is_help=True)
app.add_typer(role, name="role", help="Who may do what.")
company = typer.Typer(no_args_is_help=True)
app.add_typer(company, name="company", help="The company's own sign-in: docs/company-sign-in.md.")


@app.command()
def up(demo: Annotated[bool, typer.Option(help="Load the demo company into an empty database.")] = True) -> None:
    """Start everything; Ctrl-C stops it."""
    from stack.up import up as run  # noqa: PLC0415

    run(with_demo=demo)


@app.command()
def down() -> None:
    """Stop the running `up` from another terminal."""
    from stack.down import down as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install()))


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Each part's address, process and health."""
    from stack.install import find_install  # noqa: PLC0415
    from stack.status import as_text  # noqa: PLC0415
    from stack.status import status as ask  # noqa: PLC0415

    told = ask(find_install())
    print(json.dumps(told, indent=2) if as_json else as_text(told))
    raise typer.Exit(0 if told["health"] == "ready" else 1)


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def test(context: typer.Context) -> None:
    """Check everything, or what pytest's arguments name."""
    from stack.checks import check  # noqa: PLC0415

    raise typer.Exit(check(context.args))


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def bench(context: typer.Context) -> None:
    """Measure, each figure beside its limit."""
    from stack.checks import bench as run  # noqa: PLC0415

    raise typer.Exit(run(context.args))


@app.command()
def messages(
    languages: Annotated[list[str] | None, typer.Argument(help="New ones to begin, such as fr.")] = None,
) -> None:
    """Collect what the interface says, and say what each translation lacks: docs/languages.md."""
    from stack.messages import update  # noqa: PLC0415

    told = update(languages or [])
    for language, wanting in told.items():
        print(f"{language}: {len(wanting) or 'nothing'} wanting", *wanting, sep="\n  ")
    raise typer.Exit(1 if any(told.values()) else 0)


@app.command()
def demo() -> None:
    """Who may sign in to the demo company, and where."""
    from stack.install import find_install  # noqa: PLC0415
    from stack.welcome import demo as show  # noqa: PLC0415

    print(show(find_install()))


@app.command()
def token(
    person: Annotated[str, typer.Argument(help="E-mail, full name or id.")],
    role: Annotated[
        str | None, typer.Option(help="Only this role, granted or not, such as manager or creator.")
    ] = None,
) -> None:
    """Print a bearer token for a person (embedded Postgres only)."""
    from stack.install import find_install  # noqa: PLC0415
    from stack.token import token as make  # noqa: PLC0415

    print(make(find_install(), person, role))


@app.command()
def doctor() -> None:
    """What this machine has and lacks, each with what to do."""
    from stack.doctor import doctor as examine  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    raise typer.Exit(examine(find_install()))


@role.command("grant")
def grant_role(
    who: Annotated[str, typer.Argument(help="E-mail, full name or id.")],
    name: Annotated[str, typer.Argument(metavar="ROLE", help="creator, officer, hr_data or auditor.")],
    unit: Annotated[str | None, typer.Option(help="Code of the unit that officer or auditor is for.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day, UTC.")] = None,
) -> None:
    """Give somebody a role; later an officer does it in the dashboards."""
    from stack.access import grant as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), who, name, unit, until))


@role.command("withdraw")
def withdraw_role(
    who: Annotated[str, typer.Argument(help="E-mail, full name or id.")],
    name: Annotated[str, typer.Argument(metavar="ROLE")],
) -> None:
    """Take a role away."""
    from stack.access import withdraw as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), who, name))


@role.command("list")
def list_roles() -> None:
    """Who has which role."""
    from stack.access import listing as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install()))


@app.command()
def password(
    who: Annotated[str, typer.Argument(help="E-mail, full name or id.")],
    external: Annotated[bool, typer.Option(help="Open an account for somebody from outside, by e-mail.")] = False,
) -> None:
    """Set a new random password, for installs without a company sign-in."""
    from stack.access import password as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), who, external=external))


@hr.command()
def drop(
    file: Annotated[Path, typer.Argument(help="A CSV file; a day in its name, such as 2026-11-23, is its day.")],
    source: Annotated[str, typer.Argument(help="The system it comes from; it has a mapping file.")],
) -> None:
    """Give a file to the pipelines."""
    from stack.hr import drop as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), file, source))


@hr.command("list")
def listing() -> None:
    """What became of the files."""
    from stack.hr import listing as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install()))


@hr.command()
def diff(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="Its first letters are enough.")],
    kind: Annotated[str | None, typer.Option(help="left, changed, rehired, joined or refused.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 100,
) -> None:
    """What a file that waits would do, row by row."""
    from stack.hr import diff as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), import_id, kind, limit))


@hr.command()
def approve(import_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Apply a file that waits for a decision."""
    from stack.hr import approve as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), import_id))


@hr.command()
def reject(import_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Leave everything as it is."""
    from stack.hr import reject as run  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(run(find_install(), import_id))


@company.command("check")
def company_check() -> None:
    """Ask the company's OpenID provider, and say what it must know of Praxis."""
    from stack.company import check  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(check(find_install()))


@company.command("unlink")
def company_unlink(person: Annotated[str, typer.Argument(help="E-mail, full name or id.")]) -> None:
    """Part an account from the sign-in that it belongs to: somebody else has it there now, or has a new one."""
    from stack.company import unlink  # noqa: PLC0415
    from stack.install import find_install  # noqa: PLC0415

    print(unlink(find_install(), person))


def main() -> None:
    """One line for what is wrong with the machine; a traceback only for what is wrong with Praxis."""
    try:
        app()
    except Exception as error:
        from stack.problems import explain  # noqa: PLC0415

        if (line := explain(error)) is None:
            raise
        print(f"praxis: {line}", file=sys.stderr)
        sys.exit(1)
