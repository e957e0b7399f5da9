"""What every test may ask for: databases, a sandbox, a shop. The network is closed but for the loopback."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import settings

from tests.sandbox_server import RunningSandbox
from tests.shop_server import RunningShop, seed
from tests.tooling.postgres import PostgresServer, postgres_server
from tests.tooling.sockets import block_network
from webapp.db.sessions import make_engine

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("sqlite", "postgres")
SETTINGS = tuple(re.findall(r"^([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))

# Who runs a shop from this folder has its keys, its database and its mail server in `.env`. The environment goes before
# that file, and an empty setting is one that is not set: no test, and no process of one, ever meets them.
os.environ.update(dict.fromkeys(SETTINGS, ""))

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")

MakeShop = Callable[..., RunningShop]


@pytest.fixture(autouse=True)
def _closed_network() -> Iterator[None]:
    with block_network():
        yield


def migrate(database_url: str, schema: str = "checkout") -> None:
    """Bring an empty database to the newest tables."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes.update(engine=make_engine(database_url, schema), schema=schema)
    command.upgrade(config, "head")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A throw-away server, started when the first test needs it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres: PostgresServer) -> str:
    name = postgres.create_database()
    migrate(postgres.url(name))
    seed(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.sqlite3"
    migrate(f"sqlite:///{path}")
    seed(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own, with the demo in it."""
    path = tmp_path / "shop.sqlite3"
    for suffix in ("", "-wal", "-shm"):
        if Path(f"{_sqlite_template}{suffix}").exists():
            shutil.copy(f"{_sqlite_template}{suffix}", f"{path}{suffix}")
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own, with the demo in it."""
    name = postgres.create_database(template=_postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn: what concerns money holds on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(hold_s=3) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: RunningSandbox) -> RunningSandbox:
    """The sandbox, empty and at the present time."""
    _sandbox.mute()
    _sandbox.clear_faults()
    _sandbox.reset()
    return _sandbox


@pytest.fixture
def make_shop(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[MakeShop]:
    """Start a shop over a database, with settings of the test's own."""
    with ExitStack() as stack:

        def start(database_url: str, **env: str) -> RunningShop:
            shop = RunningShop(database_url, sandbox, tmp_path / "outbox", **env)
            return stack.enter_context(shop)

        yield start


@pytest.fixture
def shop(make_shop: MakeShop, database_url: str) -> RunningShop:
    """The shop, on each database."""
    return make_shop(database_url)


@pytest.fixture
def sqlite_shop(make_shop: MakeShop, sqlite_url: str) -> RunningShop:
    """The shop on SQLite alone, for what no database can change."""
    return make_shop(sqlite_url)
