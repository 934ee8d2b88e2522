"""Other machines' files by fsspec, with the faults of each store told as one: Unreachable."""

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fsspec
from pydantic import Field, field_validator, model_validator

from pipelines.hr.connectors import base
from pipelines.hr.connectors.base import Unreachable
from pipelines.hr.connectors.secret import Secret

PATIENCE_S = 10


class FolderOptions(base.Options):
    kind: str = "folder"
    quiet_s: float = Field(default=5.0, ge=0, description="Unchanged for so long, a file counts as wholly written.")


class SftpOptions(FolderOptions):
    kind: str = "sftp"
    host: str
    port: int = 22
    user: str
    password: Secret | None = None
    private_key: Secret | None = Field(default=None, description="An OpenSSH key, instead of a password.")
    host_keys: list[str] = Field(min_length=1, description="Of the server, as `ssh-keyscan` prints them: type and key.")
    folder: str = "."

    @field_validator("host_keys")
    @classmethod
    def _only_keys(cls, given: list[str]) -> list[str]:
        """`host type key comment` or `type key`: what counts is the key itself."""
        keys = [word for line in given for word in line.split() if word.startswith("AAAA")]
        if len(keys) != len(given):
            raise ValueError("each is a line of `ssh-keyscan HOST`, such as: ssh-ed25519 AAAAC3Nza…")
        return keys

    @model_validator(mode="after")
    def _has_one_way_in(self) -> "SftpOptions":
        if (self.password is None) == (self.private_key is None):
            raise ValueError("give either password or private_key")
        return self


class S3Options(FolderOptions):
    kind: str = "s3"
    bucket: str
    prefix: str = ""
    endpoint_url: str | None = Field(default=None, description="Of another store than Amazon's.")
    region: str | None = None
    key: Secret | None = Field(default=None, description="Without key and secret: as the machine is allowed by itself.")
    secret: Secret | None = None


@contextmanager
def sftp_store(options: SftpOptions) -> Iterator[Any]:
    """Connected and closed again: nobody keeps a session open on somebody else's server."""
    import paramiko  # type: ignore[import-untyped]  # noqa: PLC0415  (cryptography; only SFTP needs it)

    class KnownKeys(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
        """Nobody is believed at first sight: files of people go to the right machine or to none."""

        def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
            if key.get_base64() not in options.host_keys:
                raise paramiko.SSHException(f"its key {key.get_name()} {_fingerprint(key)} is none of host_keys")

    where = f"SFTP {options.user}@{options.host}:{options.port}"
    access: dict[str, Any] = {"password": options.password.get_secret_value()} if options.password else {}
    try:
        if options.private_key:
            access["pkey"] = paramiko.PKey.from_private_key(io.StringIO(options.private_key.get_secret_value() + "\n"))
        fs = fsspec.filesystem(
            "sftp",
            host=options.host,
            port=options.port,
            username=options.user,
            host_key_policy=KnownKeys(),
            allow_agent=False,
            look_for_keys=False,
            timeout=PATIENCE_S,
            banner_timeout=PATIENCE_S,
            auth_timeout=PATIENCE_S,
            skip_instance_cache=True,
            **access,
        )
    except (paramiko.SSHException, ValueError, OSError) as error:
        raise Unreachable(f"{where}: {error or type(error).__name__}") from error
    try:
        fs.ftp.get_channel().settimeout(60)
        yield fs
    except (paramiko.SSHException, EOFError) as error:
        raise Unreachable(f"{where}: {error or type(error).__name__}") from error
    except OSError as error:
        raise Unreachable(f"{where}, {options.folder}: {error}") from error
    finally:
        fs.client.close()


def _fingerprint(key: Any) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


@contextmanager
def s3_store(options: S3Options) -> Iterator[Any]:
    """Without any cache of listings: what lies there now is what counts."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (a second of imports; only S3 needs it)

    client = {"endpoint_url": options.endpoint_url, "region_name": options.region}
    where = f"S3 {options.bucket}/{options.prefix}"
    try:
        yield fsspec.filesystem(
            "s3",
            key=options.key.get_secret_value() if options.key else None,
            secret=options.secret.get_secret_value() if options.secret else None,
            client_kwargs={name: value for name, value in client.items() if value},
            config_kwargs={"connect_timeout": PATIENCE_S, "read_timeout": 60, "retries": {"max_attempts": 3}},
            use_listings_cache=False,
            skip_instance_cache=True,
        )
    except (BotoCoreError, ClientError, OSError) as error:
        raise Unreachable(f"{where}: {error}") from error
