"""All configuration of the platform, read from `PRAXIS_*` in the environment and nowhere else."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from api.core.mail_settings import MailSettings
from api.core.masking import masked_value
from api.core.media_settings import MediaSettings

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")
ROOT = Path(__file__).resolve().parents[2]
OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
"""For a browser each is a site of its own, with its own cookies and storage."""

PLAIN = {"rate_token"}
"""Named like a secret, and none."""

OPERATOR_TOKEN_TTL_S = 8 * 3600
"""Of a token that `praxis token` prints for work at the terminal."""

STANDING_TOKEN_TTL_S = 366 * 24 * 3600
"""The most of a token that `praxis scim token` prints for a directory to keep."""


class FromFiles(EnvSettingsSource):
    """`PRAXIS_X_FILE` names a file with the value of `PRAXIS_X`, as containers mount secrets; PRAXIS_X itself wins."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path, name, _ = super().get_field_value(field, f"{field_name}_file")
        try:
            return (Path(path).read_text().strip() if path else None), name, False
        except OSError as error:
            raise ValueError(f"PRAXIS_{name.upper()}: {path} can't be read ({error.strerror}).") from None


class Settings(MediaSettings, MailSettings):
    """`home` holds all run-time state, so two homes and two sets of ports are two independent installs.

    Any of them may come from a file, see FromFiles. What is secret is never shown: not by repr, not by an error.
    """

    model_config = SettingsConfigDict(env_prefix="PRAXIS_", hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FromFiles(settings_cls)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Passwords in addresses and whatever is named as a secret are masked."""
        for name, value in super().__repr_args__():
            yield name, value if isinstance(value, Path) else masked_value(value, "" if name in PLAIN else name or "")

    home: Path = ROOT / "data" / "local"
    database_url: str = "postgresql://postgres@127.0.0.1:5432/postgres"
    host: str = "127.0.0.1"
    api_port: int = 8000
    dashboards_port: int = 8501
    dagster_port: int = 3000
    public_url: str | None = None
    """Address under which a browser reaches the API; links in answers and on certificates start with it."""
    public_dashboards_url: str | None = None
    public_dagster_url: str | None = None
    public_content_url: str | None = None
    """Address of another site for the browser, on the same listener, that shows what creators' packages bring along."""
    access_token_ttl_s: int = 600
    refresh_token_ttl_s: int = 30 * 86400
    browser_session_ttl_s: int = 12 * 3600
    rate_limits: str = "postgres"
    """Where requests are counted: postgres (the install's own), redis://host:port/0, or off."""
    rate_sign_in: str = "30/minute"
    """Wrong passwords from one address, whoever they are for."""
    rate_token: str = "600/minute"  # noqa: S105 (a budget)
    rate_clients: str = "30000/minute"
    """Introspection and revocation: the dashboards ask every five seconds for each of their viewers."""
    rate_search: str = "60/minute"
    rate_engagement: str = "600/minute"
    rate_reports: str = "600/minute"
    rate_uploads: str = "1200/minute"
    """Pieces of uploads, however large."""
    rate_requests: str = "1200/minute"
    trusted_proxies: str = ""
    """Addresses whose X-Forwarded-For is believed, with commas; nobody's without."""
    cors_origins: str = ""
    """Origins of other sites whose scripts may call the API with a token, with commas; none without."""
    device_cookie_ttl_s: int = 180 * 86400
    transcode_threads: int = 0
    """Of one run of ffmpeg; 0 means as many as the machine has cores. """
    transcode_nice: int = 15
    """Its priority, 0 to 19, the last the lowest; 0 on a machine that does nothing else."""
    transcode_stall_s: float = 300
    """A video that gets no further for so long is given up."""
    worker_stalled_s: float = 20
    """A worker that says nothing for so long is dead: its jobs begin again elsewhere."""
    log_format: str = "auto"
    """json, text, or auto: text on a terminal."""
    idp_issuer: str = ""
    """The company's own OpenID provider, by which people sign in; docs/company-sign-in.md explains these settings."""
    idp_client_id: str = ""
    idp_client_secret: str = ""
    idp_name: str = "your company account"
    idp_scopes: str = "openid profile email"
    idp_email_claim: str = "email"
    idp_verified_claim: str = "email_verified"
    idp_groups_claim: str = "groups"
    idp_roles: str = "{}"
    idp_only: bool = False
    idp_proxy: str | None = None

    @property
    def api_url(self) -> str:
        return self._url(self.public_url, self.api_port)

    @property
    def allowed_origins(self) -> list[str]:
        """Whole origins only: no path, and no * that would let any site in."""
        found = [origin.strip().rstrip("/") for origin in self.cors_origins.split(",") if origin.strip()]
        if wrong := [origin for origin in found if not ORIGIN.fullmatch(origin)]:
            raise ValueError(
                f"PRAXIS_CORS_ORIGINS: {wrong[0]} is no origin; name each, such as https://app.example.com."
            )
        return found

    @property
    def dashboards_url(self) -> str:
        """Address under which a browser reaches the dashboards."""
        return self._url(self.public_dashboards_url, self.dashboards_port)

    @property
    def dagster_url(self) -> str:
        return self._url(self.public_dagster_url, self.dagster_port)

    @property
    def content_url(self) -> str:
        """Where packages are shown: as given, else this machine under its other name; the API's own where it has none.

        Docs: docs/packages.md.
        """
        if self.public_content_url:
            return self.public_content_url.rstrip("/")
        scheme, _, rest = self.api_url.partition("://")
        host, _, port = rest.partition(":")
        other = OTHER_NAME.get(host)
        return f"{scheme}://{other}:{port}" if other and port and not self.public_url else self.api_url

    @property
    def has_content_site(self) -> bool:
        """Whether packages have a site of their own."""
        return self.content_url != self.api_url

    def _url(self, given: str | None, port: int) -> str:
        """As given, or of this machine, which a browser can't reach under the address that means all of them."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 (compared, not bound)
        return (given or f"http://{f'[{host}]' if ':' in host else host}:{port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.api_url.startswith("https://")

    @property
    def longest_token_s(self) -> int:
        """How long a token of any kind that we signed can live; a directory's are the longest."""
        return max(self.access_token_ttl_s, STANDING_TOKEN_TTL_S)

    @property
    def secrets_dir(self) -> Path:
        return self.home / "secrets"

    @property
    def lake_dir(self) -> Path:
        return self.home / "lake"

    @property
    def workplaces_dir(self) -> Path:
        """Where this machine's worker makes files before they are stored."""
        return self.home / "work"

    @property
    def hr_dir(self) -> Path:
        """Drop folder: one folder a source below it, e.g. `hr/demo/*.csv`."""
        return self.home / "hr"
