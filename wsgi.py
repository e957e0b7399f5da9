"""What the server runs: `granian --interface wsgi wsgi:app`."""

import gc

# What is made here stays for as long as the process does. Looking through it for rubbish slows the start down, and
# later, every now and then, holds a request up for a tenth of a second.
gc.disable()

from webapp import create_app, keep_templates  # noqa: E402
from webapp.settings import ROOT  # noqa: E402

app = create_app()
keep_templates(app, ROOT / "instance" / "templates")

gc.freeze()
gc.enable()
