"""Logs: one JSON object a line, with the request's id; secrets and card numbers never get this far."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog

from webapp.domain import trace

#: Names whose values are never written, wherever they stand.
_SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_?key|signature|csrf", re.IGNORECASE)

#: Our own and the providers' keys, bearer tokens, Basic headers.
_SECRET_VALUES = re.compile(
    r"(?:test|live)_g?[cs]k_\w+|[sr]k_(?:test|live)_\w+|whsec_\w+|cc_[\w-]{20,}|ps_\w{6,}"
    r"|Bearer\s+\S+|Basic\s+\S+|\w+_secret_\w+"
)
_CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")

#: What JSON leaves as it is: C1 controls, the two other line breaks, marks that turn the direction.
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_MASK = "***"


def _passes_luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        n = int(digit) * (2 if i % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def _mask_card(found: re.Match[str]) -> str:
    return _MASK if _passes_luhn(re.sub(r"\D", "", found.group())) else found.group()


def redact(value: object) -> object:
    """The value without secrets and card numbers, whatever its shape."""
    if isinstance(value, str):
        return _CARD.sub(_mask_card, _SECRET_VALUES.sub(_MASK, value))
    if isinstance(value, dict):
        return {k: _MASK if _is_secret(str(k)) else redact(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact(v) for v in value]
    return value


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    """Whether nothing of this name is written; asked for the same few names with every line."""
    return _SECRET_NAMES.search(name) is not None


def _redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {k: _MASK if _is_secret(k) else redact(v) for k, v in event.items()}


def _add_request_id(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["request_id"] = trace.request_id.get()
    return event


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


def _one_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """JSON in readable letters, without what breaks a line, turns it round, or steers a terminal."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", _ENCODER.encode(event))


def configure_logs(level: str) -> None:
    """Send everything, other packages' logs too, through one formatter to standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _one_line,
            ],
        )
    )
    # Python's own switch for this: a line's file and thread aren't written, so nobody has to look for them.
    logging._srcfile, logging.logThreads, logging.logProcesses = None, False, False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("werkzeug").setLevel("WARNING")
