"""Where everything answers and who may sign in: the last thing `up` prints."""

from stack.install import Install, as_recorded
from stack.parts import Part, parts
from stack.screen import table


def addresses(all_parts: list[Part]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for part in all_parts:
        if part.name == "api" and part.address:
            rows += [("Learning", f"{part.address}/home"), ("Studio", f"{part.address}/studio")]
            rows += [(part.title, f"{part.address}/docs")]
        elif part.address:
            rows.append((part.title, part.address))
    return rows


def sign_ins(install: Install) -> str:
    """Of the demo company; empty where this home has none."""
    password = install.settings.secrets_dir / "demo_password"
    if not password.exists():
        return ""
    from data import demo  # noqa: PLC0415  (half a second that other commands don't need)

    people = [(who.email, who.role, who.about) for who in demo.sign_ins(install.settings)]
    shown = table([("Sign in at the dashboards as", "", ""), *people])
    return f"{shown}\n\n  Password of all: {password.read_text().strip()}"


def welcome(install: Install, all_parts: list[Part]) -> str:
    return "\n\n".join(
        part for part in (table(addresses(all_parts)), sign_ins(install), "  Ctrl-C stops everything.") if part
    )


def demo(install: Install) -> str:
    """The same table as after `up`, or how to get one."""
    shown = sign_ins(install)
    if not shown:
        return "This home has no demo company: `./praxis up` loads it into an empty database."
    return table(addresses(parts(as_recorded(install)))) + "\n\n" + shown
