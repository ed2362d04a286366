"""`python -m stepladder.migrations check|draft MESSAGE`: for developers and `make check`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from stepladder import migrations
from stepladder.kit import postgres


def main(arguments: list[str]) -> int:
    """Exit status 1 when the migrations and the tables differ."""
    with tempfile.TemporaryDirectory(prefix="sl-migrations-") as directory:
        database = postgres.start(Path(directory))
        try:
            migrations.upgrade(database.owner_url, service_role=postgres.SERVICE)
            if arguments[:1] == ["draft"]:
                _draft(database.owner_url, " ".join(arguments[1:]))
                return 0
            found = migrations.differences(database.owner_url)
        finally:
            database.server.cleanup()
    for difference in found:
        print(difference)
    print("migrations and tables differ" if found else "migrations and tables are in step")
    return 1 if found else 0


def _draft(owner_url: str, message: str) -> None:
    settings = migrations.config()
    with migrations.engine(owner_url).connect() as connection:
        settings.attributes["connection"] = connection
        command.revision(settings, message, autogenerate=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
