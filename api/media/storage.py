"""The object stores: one that holds every file, one that published files are delivered from.

A folder each, or S3; in constant memory. Files are named by their content, so one that is there is never written again.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from obstore.store import LocalStore, S3Store

from api.core.settings import Settings

CHUNK = 1024 * 1024
MOST_COPIED = 5 * 1000**3
"""S3 copies no larger object by itself (5 GB)."""

Store = LocalStore | S3Store


def object_key(sha256: str) -> str:
    """Two levels, so that no folder holds a million files."""
    return f"{sha256[:2]}/{sha256}"


def bundle_key(bundle: str, path: str) -> str:
    """Of a file that belongs to a set, see bundles.py."""
    return f"bundles/{bundle[:2]}/{bundle}/{path}"


def objects(settings: Settings) -> Store:
    """Holds every file."""
    return _open(settings.objects_store, *_s3(settings))


def delivery(settings: Settings) -> Store:
    """Holds what published courses show."""
    return _open(settings.delivery_store, *_s3(settings))


async def put_file(settings: Settings, key: str, path: Path, *, may_link: bool = False) -> bool:
    """Keep a file under its key; False where it was there. `may_link`: nobody will write to `path` any more."""
    store = objects(settings)
    if await size_of(store, key) == path.stat().st_size:
        return False
    if isinstance(store, LocalStore):
        await asyncio.to_thread(_link if may_link else copy_file, path, local_path(store, key))
    else:
        await store.put_async(key, path)
    return True


async def put_bytes(settings: Settings, key: str, content: bytes) -> None:
    """For what is small."""
    await objects(settings).put_async(key, content)


async def size_of(store: Store, key: str) -> int | None:
    """None where there is no such object."""
    try:
        return (await store.head_async(key))["size"]
    except FileNotFoundError:
        return None


async def stream(store: Store, key: str, first: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
    """The bytes of an object, or a range of it; FileNotFoundError before the first."""
    options: Any = {"range": (first, first + length)} if length is not None else {"range": {"offset": first}}
    found = await store.get_async(key, options=options if first or length is not None else None)
    return _chunks(found)


async def _chunks(found: Any) -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=CHUNK):
        yield bytes(chunk)


@asynccontextmanager
async def local_copy(settings: Settings, key: str) -> AsyncIterator[Path]:
    """The object as a file to read, for programs that take a path: in a folder store the object itself."""
    store = objects(settings)
    if isinstance(store, LocalStore):
        path = local_path(store, key)
        if not path.is_file():
            raise FileNotFoundError(key)
        yield path
        return
    settings.staging_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.staging_dir, prefix="copy-") as folder:
        path = Path(folder) / key.rsplit("/", 1)[-1]
        with path.open("wb") as file:
            async for chunk in await stream(store, key):
                await asyncio.to_thread(file.write, chunk)
        yield path


async def remove(settings: Settings, keys: list[str]) -> None:
    """From both stores; what isn't there is no error."""
    for store in (objects(settings), delivery(settings)):
        for key in keys:
            try:
                await store.delete_async(key)
            except FileNotFoundError:
                continue


async def publish_key(settings: Settings, key: str) -> bool:
    """Copy an object to the place of delivery; False where it is there. FileNotFoundError where it is nowhere."""
    source, target = objects(settings), delivery(settings)
    size = await size_of(source, key)
    if await size_of(target, key) is not None:
        return False
    if size is None:
        raise FileNotFoundError(key)
    if isinstance(source, LocalStore) and isinstance(target, LocalStore):
        await asyncio.to_thread(_link, local_path(source, key), local_path(target, key))
    elif isinstance(source, S3Store) and isinstance(target, S3Store) and size <= MOST_COPIED and _is_one(settings):
        whole = _open(_bucket(settings.objects_store), *_s3(settings))
        await whole.copy_async(*(f"{_prefix(url)}{key}" for url in (settings.objects_store, settings.delivery_store)))
    else:
        await target.put_async(key, await stream(source, key))
    return True


def local_path(store: LocalStore, key: str) -> Path:
    """Of an object in a folder store, there or not."""
    return Path(str(store.prefix)) / key


def _s3(settings: Settings) -> tuple[str | None, ...]:
    return settings.s3_endpoint, settings.s3_key, settings.s3_secret, settings.s3_region


@lru_cache(maxsize=16)
def _open(url: str, endpoint: str | None, key: str | None, secret: str | None, region: str | None) -> Store:
    """Remembered, because each S3 store has connections of its own."""
    if not url.startswith("s3://"):
        return LocalStore(Path(url.removeprefix("file://")).absolute(), mkdir=True)
    told = {"endpoint": endpoint, "access_key_id": key, "secret_access_key": secret, "region": region}
    config: Any = {name: value for name, value in told.items() if value}
    options: Any = {"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": "1 hour"}
    return S3Store(urlsplit(url).netloc, prefix=_prefix(url) or None, config=config, client_options=options)


def _prefix(url: str) -> str:
    path = urlsplit(url).path.strip("/")
    return f"{path}/" if path else ""


def _bucket(url: str) -> str:
    return f"s3://{urlsplit(url).netloc}"


def _is_one(settings: Settings) -> bool:
    return _bucket(settings.objects_store) == _bucket(settings.delivery_store)


def _link(path: Path, target: Path) -> None:
    """A second name of the same bytes; a copy where the folder is on another disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except FileExistsError:
        if target.stat().st_size != path.stat().st_size:
            copy_file(path, target)
    except OSError:
        copy_file(path, target)


def copy_file(path: Path, target: Path) -> None:
    """Whole or not at all, whatever happens meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as partial:
        try:
            with path.open("rb") as source:
                shutil.copyfileobj(source, partial, CHUNK)
            partial.flush()
            os.fsync(partial.fileno())
            Path(partial.name).chmod(0o644)
            Path(partial.name).replace(target)
        except BaseException:
            Path(partial.name).unlink(missing_ok=True)
            raise
