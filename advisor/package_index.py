"""The package index that this process is set up with: a setting of ours, else pip's."""

import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from advisor.settings import Settings
from knowledge_base.index import address, pip_settings
from knowledge_base.index.address import BadAddress
from knowledge_base.index.cache import Cache
from knowledge_base.index.client import Clock, HttpIndex, Manners
from rules.faults import Fault, InvalidInput

SETTING = "STEELYARD_PACKAGE_INDEX"
CACHE = "package-index"


def configured(
    settings: Settings, environment: Mapping[str, str] = os.environ, clock: Clock | None = None
) -> HttpIndex:
    """A client of the configured index; nothing is asked yet.

    Raises:
        InvalidInput: no index is configured, or its address or its certificates cannot be used. No message holds
            what may be secret in an address.
    """
    own = settings.package_index.get_secret_value() if settings.package_index else None
    given = own or pip_settings.index_url(environment)
    name = SETTING if own else "pip's index-url"
    if not given:
        raise InvalidInput([Fault(SETTING, "nothing", f"{address.EXPECTED}: there is no pip here to take it from")])
    try:
        where = address.parse(given)
    except BadAddress as error:
        raise InvalidInput([Fault(name, str(error), address.EXPECTED)]) from None
    certificates = pip_settings.certificates(environment)
    cache = Cache(settings.home.expanduser() / CACHE)
    manners = Manners(
        user_agent=f"steelyard/{_version()} (knowledge refresh)", timeout_s=settings.package_index_timeout_s
    )
    try:
        return HttpIndex(where, cache, manners, clock or Clock(), certificates)
    except OSError:
        raise InvalidInput([Fault("pip's cert", "this file", "a file of certificate authorities")]) from None


def _version() -> str:
    try:
        return version("steelyard")
    except PackageNotFoundError:
        return "0"
