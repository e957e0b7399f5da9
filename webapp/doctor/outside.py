"""What others have to say: the providers, the shop's own address as buyers reach it, the mail server, the backend."""

from collections.abc import Iterator

from webapp.doctor.line import Line, age, fail, ok, warn
from webapp.domain.failures import ProviderNotConfigured
from webapp.mail.outgoing import MailNotTaken
from webapp.providers.port import PaymentRef, Provider, ProviderError, ProviderUnavailable, ProviderUnclear
from webapp.wiring import Wiring

#: Seconds that another machine may take.
_PATIENCE_S = 10.0
#: Seconds by which two clocks may differ: beyond the first signatures are refused, beyond the second somebody drifts.
_WRONG_S, _DRIFT_S = 60.0, 10.0
#: In the shape of an order number of ours, and never given out: a provider that knows our keys says "no such payment".
_NOBODYS = "ord_doctor0000000000000000"


def outside(wired: Wiring) -> Iterator[Line]:
    """Every finding that needs another machine."""
    for name, provider in wired.context.providers.items():
        yield from _provider(name, provider)
    yield _clock(wired)
    yield from _addresses(wired)
    yield _mail(wired)
    yield _backend(wired)


def _provider(name: str, provider: Provider) -> Iterator[Line]:
    for pair in provider.capabilities.key_pairs or ("",):
        what = f"{name} {pair} keys" if pair else f"{name} keys"
        try:
            provider.fetch(PaymentRef(provider_ref=None, order_ref=_NOBODYS, key_pair=pair))
        except ProviderUnavailable as error:
            todo = "port 443 has to be open; see its status page. A played one is started by make run"
            yield fail(what, f"{name} is not reached: {error.cause}", todo)
        except ProviderUnclear as error:
            if error.alarming:
                yield fail(what, f"{name} refuses them: {error.code}", "compare them with its dashboard")
            else:
                yield warn(what, f"{name} answered {error.code}", "try again in a minute")
        except (ProviderError, ProviderNotConfigured) as error:
            yield fail(what, f"{name} refuses them: {error}", "compare them with its dashboard")
        else:
            yield ok(what, f"{name} knows them ({provider.mode})")


def _clock(wired: Wiring) -> Line:
    ahead = wired.http.ahead_s
    if ahead is None:
        return warn("clock", "no provider told the time", "run this again when one is reached")
    says = f"{age(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the provider's"
    if abs(ahead) > _WRONG_S:
        return fail("clock", says, "set the machine's clock by NTP: webhooks are refused until then")
    return warn("clock", says, "check NTP") if abs(ahead) > _DRIFT_S else ok("clock", says)


def _addresses(wired: Wiring) -> Iterator[Line]:
    settings = wired.settings
    bad = fail if settings.is_production else warn
    todo = "PUBLIC_URL has to lead here: DNS, TLS, proxy; and the site has to run"
    status = _status(wired, "GET", f"{settings.public_url}/healthz")
    if status == "200":
        yield ok("PUBLIC_URL", f"{settings.public_url} answers")
    else:
        yield bad("PUBLIC_URL", f"{settings.public_url}/healthz: {status}", todo)
    for name in wired.context.providers:
        hook = f"{settings.public_url}/payment/{name}/webhook"
        status = _status(wired, "GET", hook)
        if status == "405":  # it takes POST alone; any other word comes from something in between
            yield ok(f"{name} webhook", f"register {hook}")
        else:
            yield bad(f"{name} webhook", f"{hook}: {status}", todo)
    if settings.frontend_url == settings.public_url:
        yield ok("FRONTEND_URL", "buyers come back to this shop")
        return
    status = _status(wired, "GET", settings.success_url)
    if status.isdigit() and int(status) < 500 and status != "404":
        yield ok("FRONTEND_URL", f"buyers come back to {settings.success_url}")
    else:
        yield bad("FRONTEND_URL", f"{settings.success_url}: {status}", "buyers come back there: the page has to exist")


def _status(wired: Wiring, method: str, url: str) -> str:
    """The status of an answer, or in a word why there was none."""
    try:
        answer = wired.http.call(method, url, name="doctor", headers={}, deadline_s=_PATIENCE_S)
    except ProviderUnavailable as error:
        return f"no answer ({error.cause})"
    except ProviderUnclear:
        return "200"  # larger than a provider's, and an answer
    return str(answer.status)


def _mail(wired: Wiring) -> Line:
    if not wired.settings.smtp_url.get_secret_value():
        bad = fail if wired.settings.is_production else warn
        return bad("mail", "written to files: no buyer gets one", "set SMTP_URL")
    try:
        wired.mailer.probe()
    except MailNotTaken as error:
        return fail("mail", f"the server doesn't let us in: {error}", "check SMTP_URL; the port may be closed")
    return ok("mail", "the server lets us in")


def _backend(wired: Wiring) -> Line:
    url = wired.settings.fulfilment_url
    if not url:
        return ok("FULFILMENT_URL", "not set: nobody else is told what was paid")
    status = _status(wired, "GET", url)
    if status.isdigit() and int(status) < 500:
        return ok("FULFILMENT_URL", f"answers ({status})")
    return fail("FULFILMENT_URL", status, "paid orders wait until your own backend takes its messages")
