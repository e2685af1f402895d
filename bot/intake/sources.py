"""The sources of an agreement, with their secrets from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bot.agreement import Agreement
from bot.agreement.intake import Intake
from bot.errors import CannotStart
from bot.intake.mapping import Source

Variable = Callable[[str | None], str | None]
"""What a variable of the environment holds, None where it is unset."""


def sources_of(agreement: Agreement, variable: Variable) -> Mapping[str, Source]:
    """Each source by its name."""
    return {each.name: _source(each, variable) for each in agreement.intake}


def _source(intake: Intake, variable: Variable) -> Source:
    secret, other = (*map(variable, intake.secret_env), None, None)[:2]
    return Source(intake, secret, variable(intake.verify_token_env), other)


def unset(agreement: Agreement, variable: Variable) -> Iterator[tuple[str, str]]:
    """The variables that a source needs and nobody has set: the source's name, and the variable's."""
    for each in agreement.intake:
        for name in filter(None, (*each.secret_env, each.verify_token_env)):
            if variable(name) is None:
                yield each.name, name


def require_set(agreement: Agreement, variable: Variable) -> None:
    """Raises CannotStart naming every variable that a source needs and nobody has set."""
    missing = [f"{name}, for the source {source}" for source, name in unset(agreement, variable)]
    if missing:
        raise CannotStart(
            f"The environment lacks {'; '.join(missing)}. Set each in .env, or take its [[intake]] out of "
            "the agreement."
        )


def secrets_of(agreement: Agreement, variable: Variable) -> tuple[str, ...]:
    """Every value that the agreement's tools are reached or known by, and that no log may show."""
    of_sources = (each for source in sources_of(agreement, variable).values() for each in source.secrets)
    named = [name for hook in agreement.webhooks for name in hook.secret_env]
    named += [each.url_env for each in agreement.workflows]
    named += [each.secret_env for each in agreement.destinations if each.secret_env]
    named += agreement.crm.variables if agreement.crm is not None else ()
    return (*of_sources, *filter(None, map(variable, named)))


class Sources:
    """The sources of the agreement in force and their secrets, as they are when they are asked for."""

    def __init__(self, current: Callable[[], Agreement], variable: Variable) -> None:
        self._current, self._variable = current, variable
        self._of: tuple[Agreement, list[str | None]] | None = None
        self._known: Mapping[str, Source] = {}

    def named(self, name: str) -> Source | None:
        """The source of this name, if the agreement has it."""
        agreement = self._current()
        secrets = [
            self._variable(each)
            for source in agreement.intake
            for each in (*source.secret_env, source.verify_token_env)
        ]
        if self._of is None or agreement is not self._of[0] or secrets != self._of[1]:
            self._known, self._of = sources_of(agreement, self._variable), (agreement, secrets)
        return self._known.get(name)
