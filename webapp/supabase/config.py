"""What is wrong with the settings of a Supabase project, in sentences that show no value."""

from webapp import addresses

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LEAST_SECRET = 32


def problems(url: str, secret: str, *, is_production: bool) -> list[str]:
    """Empty when nothing is; both may be unset."""
    parts = addresses.read(url)
    here = parts.hostname in _LOOPBACK and not is_production
    plain = url == f"{parts.scheme}://{parts.netloc}".lower() and bool(parts.hostname) and not parts.username
    wrong = {
        "SUPABASE_URL must be an https origin such as https://project.supabase.co, without a path": bool(url)
        and not (plain and (parts.scheme == "https" or (parts.scheme == "http" and here))),
        "SUPABASE_URL is missing: it names the issuer of the tokens": bool(secret) and not url,
        f"SUPABASE_JWT_SECRET is under {_LEAST_SECRET} characters": bool(secret) and len(secret) < _LEAST_SECRET,
    }
    return [sentence for sentence, is_wrong in wrong.items() if is_wrong]
