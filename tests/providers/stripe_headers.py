"""`Stripe-Signature` headers to be filled for one body: the adapter and the running shop refuse the same ones."""

from tests.providers.stripe_events import AT, OTHER_SECRET, SECRET, signature

#: `{t}` is the time of signing; `{v1}` fits, `{bad}` fits another body, `{other}` was made with another secret.
REFUSED_HEADERS = (
    "",
    ",",
    "=",
    "t=",
    "v1=",
    "t={t}",
    "v1={v1}",
    "{v1}",
    "t={t},v1=",
    "t={t},v1={bad}",
    "t={t},v1={other}",
    "t={t},v0={v1}",
    "t={t},v2={v1}",
    "t={t},V1={v1}",
    "T={t},v1={v1}",
    "t={t};v1={v1}",
    "t={t}, v1={v1}",
    "t:{t},v1:{v1}",
    "t={t},v1={v1}0",
    "t={t},v1=0{v1}",
    "t={t},v1={upper}",
    "t={t},v1={bad},v1={other}",
    "t={t},v1={bad},v0={v1}",
    "t=0,v1={v1}",
    "t=-{t},v1={v1}",
    "t=+{t},v1={v1}",
    "t={t}.0,v1={v1}",
    "t={t}e0,v1={v1}",
    "t=0x{t},v1={v1}",
    "t=abc,v1={v1}",
    "t={t},t=0,v1={v1}",
    "t=9999999999999999999999,v1={v1}",
    "t={t},v1=é{v1}",
    "none",
    "t={t}&v1={v1}",
    "t={t},\tv1={v1}",
    '{{"t":{t},"v1":"{v1}"}}',
    "t={t},v1={half}",
    "t={t},v1={v1},x={long}",
    "t= {t},v1={v1}",
    "t=0,t={t},v1={v1}",
)
#: No HTTP client sends these, or no server takes them; whoever calls the adapter may.
UNSENDABLE_HEADERS = (
    " ",
    "t={t},v1={v1}\n",
    "t=１,v1={v1}",
    "\x00t={t},v1={v1}",
    "t={t},v1={v1}," + "x" * 100_000,
)
FITTING_HEADERS = (
    "t={t},v1={v1}",
    "v1={v1},t={t}",
    "t={t},v1={bad},v1={v1}",
    "t={t},v1={v1},v1={other}",
    "t={t},v1={v1},v0={bad}",
    "t={t},v0={bad},v1={other},v1={v1},scheme=new",
)


def filled(header: str, body: bytes, secret: str = SECRET, at: int = AT) -> str:
    """The header with its places filled for this body."""
    right = signature(body, secret, at)
    return header.format(
        t=at,
        v1=right,
        bad=signature(body + b" ", secret, at),
        other=signature(body, OTHER_SECRET, at),
        half=right[:32],
        upper=right.upper() + "A",
        long="x" * 5000,
    )
