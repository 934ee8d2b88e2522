"""Documents as creators give them, and as nobody should."""

from pathlib import Path

from pypdf import PdfWriter

from tests.api.media.zips import zipped

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml"
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""


def _relation(number: int, kind: str, target: str, mode: str = "") -> str:
    inner = f'<Relationship Id="r{number}" Type="{REL}/{kind}" Target="{target}" {mode}/>'
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE_REL}">{inner}</Relationships>'


def docx(path: Path, *, text: str = "Working at height", fetches: str = "http://127.0.0.1:9/x.png") -> Path:
    """Two pages, with a picture that lies elsewhere."""
    picture = (
        f'<w:drawing><wp:inline><wp:extent cx="990000" cy="792000"/><wp:docPr id="1" name="P"/><a:graphic>'
        f'<a:graphicData uri="{DRAWING}/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="x"/><pic:cNvPicPr/>'
        '</pic:nvPicPr><pic:blipFill><a:blip r:link="r5"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="990000" cy="792000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    body = (
        f'<?xml version="1.0"?><w:document xmlns:w="{WORD}" xmlns:r="{REL}" xmlns:wp="{DRAWING}/wordprocessingDrawing"'
        f' xmlns:a="{DRAWING}/main" xmlns:pic="{DRAWING}/picture"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>'
        f'<w:p><w:r>{picture}</w:r></w:p><w:p><w:r><w:br w:type="page"/><w:t>Page two</w:t></w:r></w:p></w:body>'
        "</w:document>"
    )
    return zipped(
        path,
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": _relation(1, "officeDocument", "word/document.xml"),
            "word/_rels/document.xml.rels": _relation(5, "image", fetches, 'TargetMode="External"'),
            "word/document.xml": body,
        },
    )


def odt(path: Path, *, reads: Path) -> Path:
    """With a section that shows another file of the machine."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{office}:office:1.0"'
        f' xmlns:text="{office}:text:1.0"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body><office:text>'
        f'<text:p>Own text</text:p><text:section text:name="s"><text:section-source xlink:href="{reads.as_uri()}"'
        ' xlink:type="simple" xlink:show="embed" text:filter-name="Text"/><text:p>old</text:p></text:section>'
        "</office:text></office:body></office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{office}:manifest:1.0"><manifest:file-entry'
        ' manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry'
        ' manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    files: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "META-INF/manifest.xml": manifest,
    }
    return zipped(path, files, compression=0)


def pdf(path: Path, *, pages: int = 3, password: str = "", owner_only: bool = False) -> Path:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt("" if owner_only else password, owner_password=password, algorithm="RC4-128")
    writer.write(path)
    return path
