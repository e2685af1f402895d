"""Whether a run is traced: the environment says so, and OpenTelemetry is there."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bot.settings import Settings


def traced(settings: Settings) -> AbstractContextManager[None]:
    """Send traces meanwhile, if the environment names a collector. Raises CannotStart."""
    from bot.spans import COLLECTORS, told_to

    if not any(map(settings.variable, COLLECTORS)) or settings.variable("OTEL_SDK_DISABLED") == "true":
        return told_to(None)
    try:
        from bot.otlp import Collector
    except ImportError:
        from bot.errors import CannotStart

        raise CannotStart(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. "
            "Install baton[otel], or unset the variable."
        ) from None
    from bot.setup.version import own_version

    variables = {name: value.get_secret_value() for name, value in settings.variables.items()}
    return told_to(Collector.over_http(variables, own_version()))
