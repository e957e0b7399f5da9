"""The id that follows one request from page to provider call to audit row."""

from contextvars import ContextVar

#: Set at the start of a request, a job or a command; copied into threads that go on working for it.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
