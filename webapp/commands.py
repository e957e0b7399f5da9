"""`flask …` finds its commands here. They are read when somebody asks for one: the site itself never does."""

from click import Command, Context
from flask import Flask
from flask.cli import AppGroup


class Commands(AppGroup):
    """The commands of `webapp.cli`."""

    def list_commands(self, ctx: Context) -> list[str]:
        self._fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        self._fill()
        return super().get_command(ctx, cmd_name)

    def _fill(self) -> None:
        from webapp.cli import COMMANDS  # late: decision 0030

        for command in COMMANDS:
            self.add_command(command)


def init_commands(app: Flask) -> None:
    app.cli = Commands(app.name)
