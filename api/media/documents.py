"""Documents to read in the browser: PDF as it is, Office files as the PDF that LibreOffice makes of them."""

import json
import shutil
import sys
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import ProblemError
from api.core.jobs import LIGHT, enqueue
from api.core.settings import Settings
from api.media.leftovers import hold
from api.media.models import MediaAsset, MediaObject
from api.media.programs import GB, Limits, run
from api.media.receiving import sha256_of
from api.media.storage import object_key, put_file

PDF = "application/pdf"
LOOKING = Limits(cpu_s=30, memory_bytes=2 * GB, file_bytes=1024 * 1024, nice=10)
LOOKING_S = 60
CONVERTING = Limits(cpu_s=120, memory_bytes=4 * GB, file_bytes=1 * GB)
CONVERTING_S = 180
ONCE_MORE = 81
"""How soffice ends after it has set up a profile: it wants to be started again."""

UNREADABLE = "LibreOffice can't read this document: open it, save it again, or give it as PDF."
NO_OFFICE = "LibreOffice isn't installed here, so this is offered as a download. As PDF it is shown in the browser."
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
%s
</oor:items>
"""
SETTING = '<item oor:path="/org.openoffice.Office.%s"><prop oor:name="%s" oor:op="fuse"><value>%s</value></prop></item>'
CAREFUL = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),  # nothing is fetched, from here or elsewhere
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "0"),
)


class DocumentRefused(ProblemError):
    status = 422
    title = "The document is refused"


async def document_arrived(session: AsyncSession, settings: Settings, asset: MediaAsset, path: Path) -> None:
    """A PDF is ready at once; anything else is converted by a job."""
    if asset.content_type != PDF:
        await enqueue(
            session, "prepare_document", queue=LIGHT, args={"asset_id": str(asset.id)}, lock=f"asset:{asset.id}"
        )
        return
    asset.detail = {**asset.detail, "pages": await pages_of(path)}
    await is_ready(session, asset)


async def is_ready(session: AsyncSession, asset: MediaAsset) -> None:
    asset.status, asset.progress_percent = "ready", 100
    asset.ready_at = (await session.execute(select(func.now()))).scalar_one()


async def pages_of(path: Path) -> int:
    """DocumentRefused where the PDF is locked, damaged, empty, or takes too much to be read."""
    lines: list[str] = []
    command = [sys.executable, "-m", "api.media.pdf_look", str(path.absolute())]
    try:
        ended = await run(command, LOOKING, timeout_s=LOOKING_S, told=lines.append)
    except TimeoutError:
        ended = None
    if ended is None or ended.code != 0 or not lines:
        raise DocumentRefused("The PDF can't be read within sensible limits: export it again.")
    told = json.loads(lines[-1])
    if refused := told.get("refused"):
        raise DocumentRefused(refused)
    return int(told["pages"])


def find_office() -> str | None:
    """LibreOffice's own program, so that what is started is what is limited and ended."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        return None
    program = Path(found).resolve().parent / "soffice.bin"
    return str(program) if program.is_file() else found


async def to_pdf(office: str, document: Path, folder: Path) -> Path:
    """The PDF, below `folder`; with a profile of its own there, without macros, and nothing fetched from anywhere."""
    profile, out = folder / "profile", folder / "pdf"
    (profile / "user").mkdir(parents=True)
    settings = PROFILE % "\n".join(SETTING % setting for setting in CAREFUL)
    (profile / "user" / "registrymodifications.xcu").write_text(settings)
    command = [
        *(office, "--headless", "--norestore", "--nodefault", "--nolockcheck", "--nologo"),
        f"-env:UserInstallation={profile.absolute().as_uri()}",
        *("--convert-to", "pdf", "--outdir", str(out), str(document)),
    ]
    try:
        ended = await run(command, CONVERTING, timeout_s=CONVERTING_S)
        if ended.code == ONCE_MORE:
            ended = await run(command, CONVERTING, timeout_s=CONVERTING_S)
    except TimeoutError:
        raise DocumentRefused("Converting this document takes too long: give it as PDF.") from None
    made = next(out.glob("*.pdf"), None) if ended.code == 0 and out.is_dir() else None
    if made is None:
        raise DocumentRefused(UNREADABLE)
    return made


async def store_pdf(session: AsyncSession, settings: Settings, asset: MediaAsset, pdf: Path) -> None:
    """The PDF is shown in the document's place, and the document goes unless another asset has it too."""
    sha256, given = await sha256_of(pdf), asset.object
    values = {"content_type": PDF, "file_name": f"{Path(asset.file_name).stem}.pdf", "size_bytes": pdf.stat().st_size}
    await hold(session, sha256)
    await put_file(settings, object_key(sha256), pdf)
    statement = insert(MediaObject).values(sha256=sha256, **values)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["sha256"]))
    asset.object = (await session.scalars(select(MediaObject).where(MediaObject.sha256 == sha256))).one()
    await session.flush()
    if given is not None:
        args = {"hashes": [given.sha256], "bundle": None}
        await enqueue(session, "remove_unused_files", queue=LIGHT, args=args)
