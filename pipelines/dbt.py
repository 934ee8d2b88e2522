"""The models as Dagster assets, their tests as asset checks."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from api.core.settings import Settings
from pipelines import dbt_runner


class ByName(DagsterDbtTranslator):
    """An asset keeps its model's name, whatever schema it stands in; a source names its asset in its yml."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "model":
            return dg.AssetKey(dbt_resource_props["name"])
        return super().get_asset_key(dbt_resource_props)


TRANSLATOR = ByName(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))


def models(manifest_path: Path) -> dg.AssetsDefinition:
    """One asset a model, named and grouped as in the project; sources are the assets that fill them."""

    @dbt_assets(manifest=manifest_path, name="models", pool="lake", dagster_dbt_translator=TRANSLATOR)
    def built(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Any]:
        manifest = _manifest_of(context)
        selection, indirect = get_subset_selection_for_context(
            context=context,
            manifest=manifest,
            select="fqn:*",
            exclude=None,
            selector=None,
            dagster_dbt_translator=TRANSLATOR,
            current_dbt_indirect_selection_env=None,
        )
        arguments = [*selection, *(["--indirect-selection", indirect] if indirect else [])]
        for event in dbt_runner.build(settings, *arguments):
            message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
            yield from message.to_default_asset_events(manifest, TRANSLATOR, context)

    return built


def _manifest_of(context: dg.AssetExecutionContext) -> Any:
    spec = next(iter(context.assets_def.specs))
    return spec.metadata["dagster_dbt/manifest"].manifest
