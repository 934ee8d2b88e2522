"""Judges that are not ours: scim2-tester and scim-sanity find nothing to say."""

import httpx
from scim2_tester import Status, check_server
from scim_sanity.probe.runner import run_probe_api

from tests.api.scim.conftest import Client

FINE = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


def test_scim2_tester_finds_nothing(scim: httpx.Client) -> None:
    results = check_server(Client(scim))
    assert len(results) >= 135
    findings = [one for one in results if one.status not in FINE]
    assert [(one.title, one.resource_type, one.status.name, one.reason) for one in findings] == []


def test_scim_sanity_finds_nothing(scim: httpx.Client, token: str) -> None:
    said = run_probe_api(str(scim.base_url), token=token)
    assert (said["exit_code"], said["issues"]) == (0, [])
    assert [one for one in said["results"] if one["status"] not in ("pass", "skip")] == []
