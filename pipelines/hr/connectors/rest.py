"""Any system that gives its people as JSON over HTTP, page by page, by a mapping alone.

dlt's RESTClient, because it knows the ways in which such systems page and waits as they ask (Retry-After). Ours is what
a source of people needs beyond it: a page that was cut off is asked for again, what was announced must be there, a
refused token is renewed, and our token goes to no other host.
"""

from collections.abc import Mapping as Names
from typing import Any, ClassVar
from urllib.parse import urlsplit

from dlt.sources.helpers.requests.retry import Client
from dlt.sources.helpers.rest_client import auth as dlt_auth
from dlt.sources.helpers.rest_client import paginators as dlt_paginators
from dlt.sources.helpers.rest_client.client import RESTClient
from requests import PreparedRequest, RequestException, Response
from requests.auth import AuthBase

from pipelines.hr.connectors import base
from pipelines.hr.connectors.base import Delivery, Place, Unreachable, UnusableFile, delivered, records_frame
from pipelines.hr.connectors.rest_options import ApiKey, Basic, Bearer, OAuth2, Paging, Resource, RestOptions
from pipelines.hr.mapping import Mapping, MappingError
from pipelines.hr.transforms import columns_of

ATTEMPTS = 6
PAUSE_S = 0.5
"""Before the second attempt; doubled each time, unless the system says how long it wants."""
LONGEST_PAUSE_S = 120


class Rest:
    """Whole, or what changed since the cursor where the mapping says how to ask for that."""

    Options: ClassVar[type[base.Options]] = RestOptions

    def __init__(self, place: Place, options: RestOptions) -> None:
        wanted = {place.mapping.lines, *(join.file for join in place.mapping.join)}
        if missing := wanted - set(options.records):
            raise MappingError(f"{place.source}: connector.records has no {missing.pop()}.")
        self.place, self.options = place, options
        self._client = RESTClient(
            options.url,
            headers={"Accept": "application/json", **options.headers},
            auth=OnlyThere(options.url, _access(options)),
            session=Client(
                raise_for_status=False,
                retry_condition=_is_torn,
                request_max_attempts=ATTEMPTS,
                request_backoff_factor=PAUSE_S,
                request_max_retry_delay=LONGEST_PAUSE_S,
            ).session,
        )

    def fetch(self, cursor: str | None) -> Delivery | None:
        changes, lines = self.options.changes, self.place.mapping.lines
        frames, following = {}, cursor
        for name, resource in self.options.records.items():
            params = dict(resource.params)
            if changes and cursor and name == lines:
                params[changes.param] = cursor
            records, first = self._records(resource, params)
            if changes and name == lines:
                following = _following(records, first, changes.cursor, changes.newest) or cursor
            frames[name] = _frame(records, _columns(self.place.mapping, name))
        return delivered(
            self.place.source,
            frames,
            {name: resource.path for name, resource in self.options.records.items()},
            since=cursor,
            cursor=following if changes else None,
            is_whole=not (changes and cursor),
        )

    def _records(self, resource: Resource, params: dict[str, Any]) -> tuple[list[Names[str, Any]], Any]:
        """All of them, and the first page as it came."""
        where = f"{self.options.url}/{resource.path}"
        records: list[Names[str, Any]] = []
        first: Any = None
        pages = self._client.paginate(
            resource.path,
            params=params,
            paginator=_paginator(resource.paging),
            data_selector=resource.at,
            allow_redirects=False,
        )
        try:
            for page in pages:
                first = page.response.json() if first is None else first
                records += page
        except RequestException as error:
            raise Unreachable(_told(where, error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableFile(f"{where}: {error}") from error
        if stray := next((record for record in records if not isinstance(record, dict)), None):
            raise UnusableFile(f"{where}: {resource.at!r} holds {type(stray).__name__}, not records.")
        if resource.total and (told := _at(first, resource.total)) != len(records):
            raise Unreachable(f"{where} told of {told} records and gave {len(records)}: it changed while it was read.")
        return records, first


class OnlyThere(AuthBase):
    """Shows our token to one host, and asks for another token once when it is refused."""

    def __init__(self, url: str, access: AuthBase | None) -> None:
        self._site, self._access = urlsplit(url)[:2], access

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if urlsplit(request.url)[:2] != self._site:
            raise RequestException(f"it names a page at another host, {urlsplit(str(request.url)).netloc}")
        if self._access is None:
            return request
        if isinstance(self._access, dlt_auth.OAuth2ClientCredentials):
            request.register_hook("response", self._renew)
        return self._access(request)

    def _renew(self, response: Response, **how: Any) -> Response:
        if response.status_code != 401:
            return response
        response.close()
        self._access.access_token = None  # type: ignore[union-attr]
        answer: Response = response.connection.send(self(response.request.copy()), **how)
        answer.history.append(response)
        return answer


def _access(options: RestOptions) -> AuthBase | None:
    match options.auth:
        case Bearer(token=token):
            return dlt_auth.BearerTokenAuth(token.get_secret_value())
        case Basic(user=user, password=password):
            return dlt_auth.HttpBasicAuth(user, password.get_secret_value())
        case ApiKey(name=name, key=key):
            return dlt_auth.APIKeyAuth(name, key.get_secret_value())
        case OAuth2() as told:
            return dlt_auth.OAuth2ClientCredentials(
                access_token_url=told.token_url,
                client_id=told.client_id,
                client_secret=told.client_secret.get_secret_value(),
                access_token_request_data={"scope": told.scope} if told.scope else {},
                session=Client(raise_for_status=False, request_max_attempts=ATTEMPTS).session,
            )
    return None


def _paginator(paging: Paging) -> dlt_paginators.BasePaginator:
    match paging.kind:
        case "page":
            return _Numbered(paging)
        case "offset":
            param = paging.param or "offset"
            return dlt_paginators.OffsetPaginator(
                paging.limit, offset_param=param, limit_param=paging.limit_param, total_path=None
            )
        case "cursor":
            return dlt_paginators.JSONResponseCursorPaginator(paging.next, paging.param or "cursor")
        case "link":
            return dlt_paginators.JSONLinkPaginator(paging.next)
        case "header":
            return dlt_paginators.HeaderLinkPaginator()
    return dlt_paginators.SinglePagePaginator()


class _Numbered(dlt_paginators.PageNumberPaginator):
    """Says how many it wants, too."""

    def __init__(self, paging: Paging) -> None:
        super().__init__(base_page=paging.first, page_param=paging.param or "page", total_path=None)
        self._limit = {paging.limit_param: paging.limit}

    def update_request(self, request: Any) -> None:
        super().update_request(request)
        request.params.update(self._limit)


def _is_torn(response: Response | None, error: BaseException | None) -> bool:
    """Cut off on the way, though it says 200."""
    if response is None or error or response.status_code != 200:
        return False
    try:
        response.json()
    except ValueError:
        return True
    return False


def _told(where: str, error: RequestException) -> str:
    status = error.response.status_code if error.response is not None else None
    if status in (401, 403):
        return f"{where} doesn't let us in ({status}): check connector.auth of the mapping and its secret."
    if status:
        return f"{where} answers {status}, after {ATTEMPTS} attempts where that helps."
    return f"{where}: {error or type(error).__name__}"


def _columns(mapping: Mapping, name: str) -> list[str]:
    """What the mapping reads of this resource; its columns are paths, such as department.name."""
    joined = [join for join in mapping.join if join.file == name]
    own = [column for join in joined for column in (*join.on.values(), *join.keep)]
    if name == mapping.lines:
        kept = {column for join in mapping.join for column in join.keep}
        own += [column for join in mapping.join for column in join.on]
        own += [column for column in columns_of(mapping) if column not in kept]
    return list(dict.fromkeys(own))


def _frame(records: list[Names[str, Any]], columns: list[str]) -> Any:
    return records_frame([{column: _at(record, column) for column in columns} for record in records], columns)


def _at(value: Any, path: str) -> Any:
    """What stands there, by names and dots; None for what isn't there."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _following(records: list[Names[str, Any]], first: Any, cursor: str | None, newest: str | None) -> str | None:
    """Of the first page: what changes while the others are read is told next time."""
    if cursor:
        found = _at(first, cursor)
        return None if found is None else str(found)
    return max((str(value) for record in records if (value := _at(record, newest or "")) is not None), default=None)
