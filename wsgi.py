"""What the server runs: `granian --interface wsgi wsgi:app`."""

import gc
import sys

# What is made here stays for as long as the process does. Looking through it for rubbish slows the start down, and
# later, every now and then, holds a request up for a tenth of a second.
gc.disable()

from webapp import create_app, keep_templates  # noqa: E402
from webapp.errors import database_complaint  # noqa: E402
from webapp.settings import ROOT, SettingsError  # noqa: E402

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"The settings can't be used: {error}")
except Exception as error:
    if complaint := database_complaint(error):  # production looks for demo users first
        sys.exit(complaint)
    raise
keep_templates(app, ROOT / "instance" / "templates")

gc.freeze()
gc.enable()
