"""`/metrics`: how the shop is, for Prometheus. Read off the database: one truth for all processes.

Calls and refused webhooks are counted by each process that serves pages for itself; workers write their calls down.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping

from flask import Blueprint, Response, request

from webapp.domain.tally import Tally
from webapp.services.health import Vitals, calls_of_workers, count_open_payments, vitals
from webapp.web.reference import need_staff
from webapp.wiring import wiring

bp = Blueprint("metrics", __name__)

Sample = tuple[dict[str, str], float]


@bp.get("/metrics")
def metrics() -> Response:
    """For monitoring, with `METRICS_TOKEN`; in production without it for the shop's own people alone."""
    if not _has_token():
        need_staff()
    wired = wiring()
    down = {name: wired.http.rests(name) for name in wired.context.providers}
    lines = [*_told(vitals(wired.context)), *_payments(count_open_payments(wired.context)), *_providers(down)]
    by = {"site": wired.http.calls.read(), "worker": calls_of_workers(wired.context)}
    lines += [*_calls(by), *_refused(wired.refused_webhooks)]
    return Response("\n".join([*lines, ""]), mimetype="text/plain; version=0.0.4")


def _has_token() -> bool:
    wanted = wiring().settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _told(found: Vitals) -> Iterator[str]:
    ages = {"worker": found.worker_s, "sweeper": found.sweeper_s}
    yield from gauge(
        "shop_last_seen_seconds",
        "Since worker and sweeper were at work; absent: never.",
        [({"who": who}, age) for who, age in ages.items() if age is not None],
    )
    yield from gauge("shop_job_lag_seconds", "Since the oldest due job is due.", [({}, found.oldest_job_s or 0)])
    yield from gauge("shop_jobs_dead", "Jobs that were given up.", [({}, found.dead_jobs)])
    yield from gauge(
        "shop_alerts_open", "What waits for a person.", [({"kind": k}, n) for k, n in sorted(found.alerts.items())]
    )


def _payments(counted: dict[tuple[str, str], int]) -> Iterator[str]:
    samples: list[Sample] = [({"provider": p, "status": s}, n) for (p, s), n in sorted(counted.items())]
    yield from gauge("shop_payments_open", "Payments whose end is not known yet.", samples)


def _providers(down: dict[str, bool]) -> Iterator[str]:
    samples: list[Sample] = [({"provider": name}, float(is_down)) for name, is_down in down.items()]
    yield from gauge("shop_provider_down", "1: it failed so often that this process leaves it alone.", samples)


def _calls(by: Mapping[str, Mapping[tuple[str, ...], tuple[int, float]]]) -> Iterator[str]:
    name = "shop_provider_call_seconds"
    yield from _head(name, "summary", "Calls to providers and how long they took: by this process, and by all workers.")
    for process, found in by.items():
        for words, (count, seconds) in found.items():
            labels = {"process": process, **dict(zip(("provider", "call", "status"), words, strict=True))}
            yield _sample(f"{name}_count", labels, count)
            yield _sample(f"{name}_sum", labels, round(seconds, 3))


def _refused(tally: Tally) -> Iterator[str]:
    yield from _head("shop_webhooks_refused_total", "counter", "Webhooks that this process refused.")
    for (provider, why), (count, _) in tally.read().items():
        yield _sample("shop_webhooks_refused_total", {"provider": provider, "why": why}, count)


def gauge(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """One metric with its samples; labels hold words of ours only, so nothing needs escaping."""
    yield from _head(name, "gauge", says)
    for labels, value in samples:
        yield _sample(name, labels, value)


def _head(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    told = ",".join(f'{label}="{word}"' for label, word in labels.items())
    # Fifteen digits: a count that is rounded stands still.
    return f"{name}{{{told}}} {value:.15g}" if told else f"{name} {value:.15g}"
