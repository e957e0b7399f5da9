"""Every named place at which a process of the shop can die, and which test kills it there."""

import re
from pathlib import Path

from webapp.devserver import ROOT

PASSAGES = (1, 2)

#: In the server process. test_create.py, test_closing.py, test_confirm.py, test_events.py
CREATE = ("create.begun", "create.order_committed")
OPENING = ("create.provider_sent", "create.provider_answered", "create.ref_committed")
CLOSING = ("cancel.sent", "cancel.answered")
BEFORE_THE_CALL = ("confirm.claimed", "confirm.intent_committed")
AT_THE_CALL = ("confirm.sent",)
WITH_THE_ANSWER = ("confirm.answered", "confirm.before_result_commit")
AFTER_THE_COMMIT = ("confirm.result_committed", "confirm.before_response")
RECEIVING = ("webhook.verified", "webhook.stored", "webhook.before_2xx")

#: In the worker process. test_events.py, test_expiry.py, test_fulfilments.py, test_mails_owed.py,
#: test_refunds.py, test_sweeper.py
PROCESSING = ("webhook.picked", "webhook.looked_up", "webhook.applied")
MAILING = ("outbox.claimed", "outbox.before_send", "outbox.sent", "outbox.marked")
FULFILLING = ("fulfil.begun", "fulfil.done")
REFUNDING = ("refund.intent_committed", "refund.sent", "refund.answered", "refund.recorded")
EXPIRING = ("sweep.expiring", "sweep.expired")
SWEEPING = ("sweep.claimed", "sweep.looked_up", "sweep.applied")

#: A confirm that the sweeper sends again passes the same places, in the worker.
CONFIRM = (*BEFORE_THE_CALL, *AT_THE_CALL, *WITH_THE_ANSWER, *AFTER_THE_COMMIT)
REPEATING = ("confirm.sent", "confirm.answered", "confirm.before_result_commit", "confirm.result_committed")

KILLED_AT = (
    *(*CREATE, *OPENING, *CLOSING, *CONFIRM, *RECEIVING),
    *(*PROCESSING, *MAILING, *FULFILLING, *REFUNDING, *SWEEPING, *EXPIRING),
)

_PASSED = re.compile(r"\bfailpoint\(\s*([^)]*?)\s*\)")


def named_in_the_code(folder: Path = ROOT / "webapp") -> set[str]:
    """The names handed to `failpoint`. Raises AssertionError for one that is no plain text: it could not be found."""
    found = set()
    for path in folder.rglob("*.py"):
        if path.name == "failpoints.py":
            continue
        for name in _PASSED.findall(path.read_text("utf-8")):
            assert re.fullmatch(r'"[a-z0-9_.]+"', name), f"{path.name}: failpoint({name})"
            found.add(name.strip('"'))
    return found
