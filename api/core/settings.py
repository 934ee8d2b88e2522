"""All configuration of the platform, read from `PRAXIS_*` in the environment and nowhere else."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
OPERATOR_TOKEN_TTL_S = 8 * 3600
"""Of a token that `praxis token` prints for work at the terminal."""


class Settings(BaseSettings):
    """`home` holds all run-time state, so two homes and two sets of ports are two independent installs."""

    model_config = SettingsConfigDict(env_prefix="PRAXIS_")

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
    access_token_ttl_s: int = 600
    refresh_token_ttl_s: int = 30 * 86400
    browser_session_ttl_s: int = 12 * 3600
    media_url_ttl_s: int = 6 * 3600
    idp_issuer: str = ""
    """The company's own OpenID provider, by which people sign in; docs/company-sign-in.md explains these settings."""
    idp_client_id: str = ""
    idp_client_secret: str = Field("", repr=False)
    idp_client_secret_file: Path | None = None
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
    def dashboards_url(self) -> str:
        """Address under which a browser reaches the dashboards."""
        return self._url(self.public_dashboards_url, self.dashboards_port)

    @property
    def dagster_url(self) -> str:
        return self._url(self.public_dagster_url, self.dagster_port)

    def _url(self, given: str | None, port: int) -> str:
        """As given, or of this machine, which a browser can't reach under the address that means all of them."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 (compared, not bound)
        return (given or f"http://{f'[{host}]' if ':' in host else host}:{port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.api_url.startswith("https://")

    @property
    def longest_token_s(self) -> int:
        """How long a token of any kind that we signed can live; the operator's are the longest."""
        return max(self.access_token_ttl_s, OPERATOR_TOKEN_TTL_S)

    @property
    def secrets_dir(self) -> Path:
        return self.home / "secrets"

    @property
    def objects_dir(self) -> Path:
        return self.home / "objects"

    @property
    def lake_dir(self) -> Path:
        return self.home / "lake"

    @property
    def hr_dir(self) -> Path:
        """Drop folder: one folder a source below it, e.g. `hr/demo/*.csv`."""
        return self.home / "hr"
