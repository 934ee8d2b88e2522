"""What a package says of itself: imsmanifest.xml of SCORM 1.2 and 2004, or just an index.html."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from api.core.errors import ProblemError
from api.media.zips import SafeZip

MANIFEST = "imsmanifest.xml"
INDEX = ("index.html", "index.htm")
MOST_BYTES = 8 * 2**20
MOST_ITEMS = 300
LONGEST_TITLE = 300
LONGEST_DATA = 4096
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


class PackageRefused(ProblemError):
    status = 422
    title = "The package is refused"


@dataclass(frozen=True, slots=True)
class Item:
    """A step of a package. An asset talks to nobody, a sco does; `mastery` is the score in percent that passes it."""

    id: str
    title: str
    launch: str
    kind: str
    mastery: float | None = None
    completion_percent: float | None = None
    launch_data: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """`standard` is scorm12, scorm2004 or html; paths are relative to the package's root."""

    standard: str
    title: str
    items: tuple[Item, ...]

    @property
    def detail(self) -> dict[str, Any]:
        """What an asset keeps of it."""
        items = [{name: getattr(item, name) for name in Item.__slots__} for item in self.items]
        return {
            "standard": self.standard,
            "title": self.title,
            "launch": self.items[0].launch,
            "sco_count": len(items),
            "items": items,
        }


def read_package(found: SafeZip, *, file_name: str) -> Package:
    """What the zip holds; PackageRefused says what is wrong with it and what to do."""
    names = {path.casefold(): path for path in found.entries}
    if path := names.get(MANIFEST):
        return _scorm(found.read(path, most=MOST_BYTES), found)
    if deeper := next((path for path in found.entries if PurePosixPath(path).name.casefold() == MANIFEST), None):
        folder = PurePosixPath(deeper).parent
        raise PackageRefused(
            f"{MANIFEST} lies in the folder {folder}, not at the top of the zip: zip what is in that folder, not the"
            " folder itself."
        )
    if "cmi5.xml" in names:
        raise PackageRefused("This is a cmi5 package, which can't be played yet: export it as SCORM 2004 or SCORM 1.2.")
    if "tincan.xml" in names:
        raise PackageRefused(
            "This is an xAPI package, which can't be played yet: export it as SCORM 2004 or SCORM 1.2."
        )
    launch = _index(found)
    title = PurePosixPath(file_name).stem[:LONGEST_TITLE] or "Package"
    return Package("html", title, (Item("index", title, launch, "asset"),))


def _index(found: SafeZip) -> str:
    tops = {path.partition("/")[0] for path in found.entries}
    only = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    launch = next((path for name in INDEX for path in (name, only + name) if path in found.entries), None)
    if launch is None:
        raise PackageRefused(
            f"The zip holds no package: neither {MANIFEST} (SCORM) nor index.html is at its top. Export the course as"
            " SCORM, or name the first page index.html."
        )
    return launch


def _scorm(manifest: bytes, found: SafeZip) -> Package:
    try:
        root = fromstring(manifest)
    except DefusedXmlException as error:
        raise PackageRefused(f"{MANIFEST} declares entities, which are not read: export the package again.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise PackageRefused(f"{MANIFEST} is no well-formed XML ({error}): export the package again.") from error
    organization = _organization(root)
    resources = _resources(root)
    items = tuple(_items(organization, resources, found))
    if not items:
        raise PackageRefused(f"{MANIFEST} has an organization without anything to launch: export the package again.")
    title = _text(organization, "title") or items[0].title
    return Package("scorm2004" if _is_2004(root) else "scorm12", title[:LONGEST_TITLE], items)


def _name(element: Element) -> str:
    """Without its namespace: real manifests mix them up."""
    return str(element.tag).rpartition("}")[2].casefold()


def _child(element: Element | None, name: str) -> Element | None:
    return next((one for one in element if _name(one) == name), None) if element is not None else None


def _text(element: Element | None, *path: str) -> str:
    for name in path:
        element = _child(element, name)
    return " ".join((element.text or "").split()) if element is not None else ""


def _attribute(element: Element, name: str) -> str:
    """`scormType`, `scormtype`, with any namespace or none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2].casefold() == name), "")


def _is_2004(root: Element) -> bool:
    said = _text(root, "metadata", "schemaversion")
    if said.startswith("1.2"):
        return False
    return "2004" in said or "1.3" in said or any("adlcp_v1p3" in str(one.tag) + str(one.attrib) for one in root.iter())


def _organization(root: Element) -> Element:
    organizations = _child(root, "organizations")
    found = [one for one in organizations if _name(one) == "organization"] if organizations is not None else []
    if not found:
        raise PackageRefused(
            f"{MANIFEST} has no organization, so nothing says what to show in which order: export the package again"
            " with its table of contents."
        )
    wanted = organizations.get("default", "") if organizations is not None else ""
    return next((one for one in found if one.get("identifier") == wanted), found[0])


def _resources(root: Element) -> dict[str, tuple[Element, str]]:
    """Each resource with the folder that its addresses are relative to."""
    holder = _child(root, "resources")
    if holder is None:
        return {}
    above = root.get(XML_BASE, "") + holder.get(XML_BASE, "")
    return {
        one.get("identifier", ""): (one, above + one.get(XML_BASE, "")) for one in holder if _name(one) == "resource"
    }


def _items(organization: Element, resources: dict[str, tuple[Element, str]], found: SafeZip) -> Iterator[Item]:
    """What can be launched, in the order of the table of contents."""
    seen: set[str] = set()
    for element in organization.iter():
        reference = element.get("identifierref", "") if _name(element) == "item" else ""
        if not reference or element.get("isvisible", "true") == "false":
            continue
        if reference not in resources:
            raise PackageRefused(
                f"{MANIFEST} names a resource {reference[:80]!r} that it doesn't have: export it again."
            )
        resource, base = resources[reference]
        item_id = (element.get("identifier") or reference)[:200]
        if item_id in seen or len(seen) >= MOST_ITEMS:
            raise PackageRefused(f"{MANIFEST} has two items {item_id!r}, or more than {MOST_ITEMS}: export it again.")
        seen.add(item_id)
        launch = _launch(base + resource.get("href", ""), element.get("parameters", ""), found)
        yield _item(item_id, element, launch, _attribute(resource, "scormtype"))


def _item(item_id: str, element: Element, launch: str, kind: str) -> Item:
    lowest = next((one.text for one in element.iter() if _name(one) == "minnormalizedmeasure"), None)
    mastery = _number(_text(element, "masteryscore"), 1)
    threshold = _child(element, "completionthreshold")
    completion = None
    if threshold is not None and threshold.get("completedByMeasure", "true") != "false":
        completion = _number(threshold.get("minProgressMeasure") or (threshold.text or ""), 100)
    return Item(
        id=item_id,
        title=(_text(element, "title") or item_id)[:LONGEST_TITLE],
        launch=launch,
        kind="asset" if kind.casefold() == "asset" else "sco",
        mastery=mastery if mastery is not None else _number(lowest or "", 100),
        completion_percent=completion,
        launch_data=(_text(element, "datafromlms"))[:LONGEST_DATA],
    )


def _number(said: str, factor: float) -> float | None:
    return float(said) * factor if re.fullmatch(r"\s*\d{1,4}(\.\d{1,9})?\s*", said) else None


def _launch(href: str, parameters: str, found: SafeZip) -> str:
    """The address within the package with the item's parameters; the file is there."""
    parts = urlsplit(urljoin("http://package/", href.replace("\\", "/")))
    if parts.netloc != "package" or not href:
        raise PackageRefused(
            f"{MANIFEST} launches {href[:80] or 'nothing'!r}: only pages inside the package can be shown."
        )
    path = unquote(parts.path).lstrip("/")
    if path not in found.entries:
        raise PackageRefused(f"{MANIFEST} launches {href[:80]!r}, which is not in the zip: export the package again.")
    query = "&".join(filter(None, (parts.query, parameters.lstrip("?&") if not parameters.startswith("#") else "")))
    fragment = parameters[1:] if parameters.startswith("#") else parts.fragment
    return path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
