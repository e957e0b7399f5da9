"""Builds the long-lived things once a process, and hands them to entry code."""

import contextvars
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import current_app

from webapp.db import encryption
from webapp.db.sessions import Sessions, make_engine
from webapp.domain import failpoints
from webapp.domain.arrivals import Return
from webapp.domain.clock import Nature, SystemClock, SystemRandomness
from webapp.domain.failures import Malformed, NotFound
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import CardFacts
from webapp.domain.tally import Tally
from webapp.fulfilment.outgoing import Courier
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider
from webapp.providers.registry import PROVIDERS, ProviderFolder
from webapp.services.accounts import has_demo
from webapp.services.context import Context, Policy
from webapp.settings import Settings, SettingsError
from webapp.signing import LinkSigner

if TYPE_CHECKING:
    from webapp.mail.outgoing import Mailer
    from webapp.supabase.tokens import TokenReader

log = structlog.get_logger(__name__)

#: Fewer than the worker's threads, so that a receiver that hangs keeps no mail and no look-up waiting.
_MESSAGES_AT_ONCE = 2

_PROVIDERS_AT = Path(__file__).resolve().parent / "providers"


class Background:
    """Threads for work that goes on after its request was answered: a slow confirm, for one."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="call")

    def start(self, work: Callable[[], object]) -> "Future[None]":
        """Begin now; the caller may stop waiting, the work goes on.

        The future never fails: whoever waits reads from our books how it ended. What went wrong is logged,
        and the sweeper takes up what was left open.
        """

        def quietly() -> None:
            try:
                work()
            except Exception as error:
                log.exception("background work", kind=type(error).__name__)

        return self._pool.submit(contextvars.copy_context().run, quietly)


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What entry code works with."""

    settings: Settings
    context: Context
    http: HttpClient
    #: Webhooks that were refused, by provider and why.
    refused_webhooks: Tally
    background: Background
    courier: Courier
    signer: LinkSigner
    #: None: the shop takes no tokens but its own.
    supabase: "TokenReader | None"

    @cached_property
    def mailer(self) -> "Mailer":
        """Sends mail; the worker and the doctor do."""
        from webapp.mail.outgoing import Mailer  # late: decision 0030

        settings = self.settings
        return Mailer(
            settings.smtp_url.get_secret_value(),
            settings.mail_from,
            clock=self.context.nature.clock,
            answers_to=settings.shop_email,
        )

    def can_call(self, provider: str) -> bool:
        """Whether a call to this provider would be made now: there is room, and it is not down."""
        return self.http.has_room and not self.http.rests(provider)

    def folder(self, name: str) -> ProviderFolder:
        """What a provider's folder exports.

        Raises:
            NotFound: there is no such provider. ProviderNotConfigured: the shop has no keys for it.
        """
        if name not in PROVIDERS:
            raise NotFound
        self.context.provider(name)
        return PROVIDERS[name]

    def folders(self) -> dict[str, ProviderFolder]:
        """Every provider's folder, set up or not."""
        return dict(PROVIDERS)

    def read_return(self, query: Mapping[str, Sequence[str]]) -> tuple[str, Return]:
        """Whose return this is, and what it says.

        Raises:
            Malformed: nobody's, or not in its provider's shape.
        """
        for name in self.context.providers:
            found = PROVIDERS[name].read_return(query)
            if found is not None:
                return name, found
        raise Malformed("not the return of a payment")

    def pane_folders(self) -> dict[str, Path]:
        """Provider → the folder of what the checkout page shows for it."""
        return {name: _PROVIDERS_AT / name / "pane" for name in self.context.providers}

    def card_of(self, provider: str | None, evidence: Mapping[str, Any] | None) -> CardFacts | None:
        """The card that a payment was made with, as its provider told it; None where it told none."""
        folder = PROVIDERS.get(provider or "")
        return folder.read_card(evidence) if folder and evidence else None

    def fail_reason(self, provider: str, code: str) -> Reason:
        """The buyer's text group for a code that came back on the fail address."""
        folder = PROVIDERS.get(provider)
        return folder.codes.reason_for_fail_url(code) if folder else Reason.UNKNOWN


def wire(settings: Settings, *, nature: Nature | None = None, ca_bundle: str | None = None) -> Wiring:
    """Assemble a process. `nature` and `ca_bundle` are a test's to replace: time, and trust in a test CA.

    Raises:
        SettingsError: a sum may be named that a provider never takes.
    """
    if settings.is_production and not settings.smtp_url.get_secret_value():
        log.warning("no SMTP_URL: mails are written to files, no buyer gets one")
    nature = nature or Nature(SystemClock(), SystemRandomness())
    encryption.configure([key.get_secret_value() for key in settings.encryption_keys])
    if settings.failpoint:
        failpoints.arm(settings.failpoint)
    http = HttpClient(limit=settings.provider_calls, clock=nature.clock, ca_bundle=ca_bundle)
    providers = {name: PROVIDERS[name].build(config, http, nature.clock) for name, config in settings.providers.items()}
    _refuse_tiny_amounts(settings, providers)
    context = Context(
        sessions=Sessions(make_engine(settings.database_url, settings.db_schema, nature.clock)),
        nature=nature,
        policy=Policy(
            success_url=settings.success_url,
            fail_url=settings.fail_url,
            on_mismatch=settings.on_mismatch,
            attempt_lifetime_s=settings.attempt_lifetime_s,
            decline_limits=settings.decline_limits,
            pause_s=settings.pause_s,
            open_ranges=settings.open_ranges,
            stranger_look_ups_per_minute=settings.limit_look_ups,
            tells_backend=bool(settings.fulfilment_url),
        ),
        providers=providers,
        is_down=http.rests,
    )
    return Wiring(
        settings=settings,
        context=context,
        http=http,
        refused_webhooks=Tally(),
        background=Background(settings.provider_calls),
        supabase=_supabase(settings, nature),
        signer=LinkSigner([key.get_secret_value() for key in (settings.secret_key, *settings.secret_key_fallbacks)]),
        courier=Courier(
            settings.fulfilment_url,
            [secret.get_secret_value() for secret in settings.fulfilment_secret],
            http=HttpClient(limit=_MESSAGES_AT_ONCE, clock=nature.clock),
            clock=nature.clock,
        ),
    )


def _refuse_tiny_amounts(settings: Settings, providers: Mapping[str, Provider]) -> None:
    for currency, (least, _most) in settings.open_ranges.items():
        for name, provider in providers.items():
            takes = provider.capabilities.smallest.get(currency, 1)
            if least < takes and currency in provider.capabilities.currencies:
                raise SettingsError(f"OPEN_AMOUNTS: {name} takes {takes} {currency} at least")


def _supabase(settings: Settings, nature: Nature) -> "TokenReader | None":
    if not settings.supabase_url:
        return None
    from webapp.supabase.keys import KeySet  # late: decision 0030
    from webapp.supabase.tokens import TokenReader, keys_url

    http = HttpClient(limit=1, clock=nature.clock)
    keys = KeySet(keys_url(settings.supabase_url), http=http, clock=nature.clock)
    secret = settings.supabase_jwt_secret.get_secret_value()
    return TokenReader(settings.supabase_url, secret, keys, nature.clock)


def refuse_demo(wired: Wiring) -> None:
    """Let production not start where a demo user can log in: everybody knows that password.

    Raises:
        SettingsError: the database holds one.
    """
    if wired.settings.is_production and has_demo(wired.context):
        raise SettingsError("DATABASE_URL leads to a database with demo users; give production one of its own")


def wiring() -> Wiring:
    """This app's wiring, inside a request or a command."""
    found = current_app.extensions["wiring"]
    assert isinstance(found, Wiring)  # noqa: S101 (tells the type checker what create_app put there)
    return found
