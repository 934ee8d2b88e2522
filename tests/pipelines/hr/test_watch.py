"""What the breaker stopped is said by Dagster's checks and to the data team, and applied once somebody approved."""

import dagster as dg

from api.core.settings import Settings
from api.people.service import approve_import
from pipelines.hr.assets import employees
from pipelines.hr.ingest import in_transaction
from pipelines.hr.watch import CHECKS, hr_import_approved, hr_sources_changed, sources_stand_well
from tests.factories import make_person
from tests.pipelines.hr.test_ingest import drop, employed, line, query  # noqa: F401


def failed_checks(settings: Settings) -> set[str]:
    job = dg.Definitions(
        assets=[employees],
        asset_checks=[sources_stand_well],
        jobs=[dg.define_asset_job("checks", selection=dg.AssetSelection.checks(sources_stand_well))],
        resources={"settings": settings},
    ).get_job_def("checks")
    result = job.execute_in_process()
    found = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert set(found) == set(CHECKS)
    return {name for name, passed in found.items() if not passed}


def test_a_stopped_delivery_fails_its_check_is_told_once_and_is_applied_when_approved(drop, settings: Settings) -> None:  # noqa: F811
    dana = in_transaction(settings, lambda session: make_person(session, "Dana Data", roles=("hr_data",)))
    everybody = [line("1"), *(line(str(n), "1") for n in range(2, 41))]
    drop(*everybody)
    assert failed_checks(settings) == set()
    held = drop(*everybody[:10], day="2026-03-02")
    with dg.build_sensor_context(resources={"settings": settings}) as context:
        first = hr_sources_changed(context)
    with dg.build_sensor_context(resources={"settings": settings}, cursor=first.cursor) as context:
        again = hr_sources_changed(context)
    assert (len(first.run_requests), len(again.run_requests)) == (1, 0)
    assert failed_checks(settings) == {"waits"} == failed_checks(settings)
    told = query(settings, "select facts ->> 'says' from notification where person_id = %s", str(dana.id))
    assert len(told) == 1
    assert "30 of 40 people (75%) would leave at once" in told[0][0]
    in_transaction(settings, lambda session: approve_import(session, held.import_id))
    with dg.build_sensor_context(resources={"settings": settings}) as context:
        (request,) = hr_import_approved(context).run_requests
    result = dg.materialize([employees], resources={"settings": settings}, run_config=request.run_config)
    metadata = result.asset_materializations_for_node(employees.node_def.name)[0].metadata
    assert metadata[f"import {held.import_id}/left"].value == 30
    assert failed_checks(settings) == set()
    with dg.build_sensor_context(resources={"settings": settings}) as context:
        assert hr_import_approved(context).run_requests == []
