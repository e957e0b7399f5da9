"""What a mail says: the same templates as the pages, in the order's language."""

from dataclasses import dataclass

from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Message:
    """One rendered mail."""

    subject: str
    text: str
    html: str


def render(templates: Environment, name: str, values: dict[str, object]) -> Message:
    """Render `mail/<name>.txt`, with a `subject` and a `body` block, and `mail/<name>.html`."""
    template = templates.get_template(f"mail/{name}.txt")
    context = template.new_context(values)
    subject, body = ("".join(template.blocks[block](context)) for block in ("subject", "body"))
    return Message(
        subject=" ".join(subject.split()),
        text=body.strip() + "\n",
        html=templates.get_template(f"mail/{name}.html").render(values),
    )
