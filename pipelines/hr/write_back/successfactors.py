"""SAP SuccessFactors Learning: a completion is a learning event of a course of the Open Content Network.

Wire shape ("SAP SuccessFactors Learning OData APIs", admin/learningevent-service; as openedx/edx-enterprise sends it):
`POST /learning/oauth-api/rest/v1/token` (client credentials, scope in JSON) gives a token for 30 minutes; `POST
/learning/odatav4/public/admin/learningevent-service/v1/OCNLearningEvents` takes userID, courseID, providerID,
courseCompleted, completedTimestamp (ms), grade and totalHours. It can't be asked what it has: sent twice after a
kill, the same user, course and moment is the same event to it. It takes no revocation.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import httpx
from pydantic import Field

from api.compliance.service import Answer, Due
from pipelines.hr.connectors.access import Exchanged
from pipelines.hr.connectors.asking import Asker, Declined, WebOptions
from pipelines.hr.connectors.base import Place
from pipelines.hr.connectors.secret import Secret
from pipelines.hr.write_back.base import Revoked, WriteOptions, one_by_one

EVENTS = "learning/odatav4/public/admin/learningevent-service/v1/OCNLearningEvents"
TOKEN = "learning/oauth-api/rest/v1/token"  # noqa: S105 (an address)


class LearningOptions(WriteOptions, WebOptions):
    """`url` is the tenant's Learning address, such as https://acme.plateau.com."""

    kind: str = "successfactors"
    take: list[str] = ["completion"]  # noqa: RUF012 (pydantic copies it)
    company_id: str
    client_id: str
    client_secret: Secret
    user_id: str = Field(description="The administrator on whose behalf we write.")
    provider_id: str = "PRAXIS"


class LearningEvents:
    Options: ClassVar[type[WriteOptions]] = LearningOptions
    most: ClassVar[int] = 100

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def answers(self) -> list[Answer]:
        return []

    def send(self, records: Sequence[Due], earlier: Revoked) -> list[Answer]:
        with Asker("SuccessFactors Learning", self.options.url, _access(self.options)) as asker:
            return one_by_one(records, lambda one: self._sent(asker, one))

    def _sent(self, asker: Asker, one: Due) -> Answer:
        if one.kind != "completion":
            return Answer(
                one.key, "refused", "SuccessFactors Learning takes completions alone: change it there by hand."
            )
        moment = datetime.fromisoformat(one.body["completed_at"])
        score = one.body["score_percent"]
        given = {
            "userID": one.employee_number,
            "courseID": one.body["course_id"],
            "providerID": self.options.provider_id,
            "courseCompleted": True,
            "completedTimestamp": int(moment.timestamp() * 1000),
            "totalHours": one.body["hours"],
            **({"grade": str(score)} if score is not None else {}),
        }
        try:
            asker.ask("POST", EVENTS, json=given)
        except Declined as problem:
            if problem.status in (401, 403):
                raise
            return Answer(one.key, "refused", str(problem))
        return Answer(one.key, "accepted")


def _access(options: LearningOptions) -> Exchanged:
    def exchange(client: httpx.Client) -> httpx.Response:
        scope = {"userId": options.user_id, "companyId": options.company_id, "userType": "admin"}
        return client.post(
            f"{options.url}/{TOKEN}",
            auth=(options.client_id, options.client_secret.get_secret_value()),
            json={"grant_type": "client_credentials", "scope": {**scope, "resourceType": "learning_public_api"}},
        )

    return Exchanged("SuccessFactors Learning", exchange)
