"""What is shown otherwise than the rest of a panel: of one series or column, or one value."""

from collections.abc import Mapping

from grafana_foundation_sdk.models.dashboard import (
    DashboardFieldConfigSourceOverrides,
    DynamicConfigValue,
    MatcherConfig,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

Override = DashboardFieldConfigSourceOverrides


def of(name: str, properties: Mapping[str, object]) -> Override:
    """Of the series or column of that name. `properties`: id of Grafana -> value."""
    return Override(
        matcher=MatcherConfig(id_val="byName", options=name),
        properties=[DynamicConfigValue(id_val=key, value=value) for key, value in properties.items()],
    )


def colour(name: str, fixed: str) -> Override:
    """Always this colour."""
    return of(name, {"color": {"mode": "fixed", "fixedColor": fixed}})


def dashed(name: str) -> Override:
    """A thin dashed line of the colour of text, that is no part of a stack."""
    return of(
        name,
        {
            "color": {"mode": "fixed", "fixedColor": "text"},
            "custom.lineStyle": {"fill": "dash", "dash": [8, 6]},
            "custom.lineWidth": 1,
            "custom.fillOpacity": 0,
            "custom.drawStyle": "line",
            "custom.stacking": {"mode": "none", "group": "B"},
        },
    )


def overriding(shown: Mapping[str, str]) -> list[ValueMapping] | None:
    """Value -> text in its place."""
    results = {value: ValueMappingResult(text=said, index=place) for place, (value, said) in enumerate(shown.items())}
    return [ValueMap(options=results)] if results else None
