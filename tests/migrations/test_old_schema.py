"""An old database is brought to the schema of a fresh one, and no way leads back but a backup."""

from __future__ import annotations

import psycopg
import pytest
from tests.migrations.product import Product
from tests.migrations.restored import Old, dump, dump_schema, load, restore

from stepladder import migrations
from stepladder.app import DatabaseUrls
from stepladder.kit import postgres
from stepladder.kit.db import DatabaseUnavailable


def test_the_upgraded_schema_is_that_of_a_fresh_installation(
    postgres_server: postgres.EmbeddedPostgres, own_urls: DatabaseUrls, old: Old
) -> None:
    urls = restore(postgres_server, old)
    Product.upgrade(urls)
    assert migrations.differences(urls.owner) == []
    assert dump_schema(postgres_server, urls) == dump_schema(postgres_server, own_urls)


def test_a_second_upgrade_changes_nothing(postgres_server: postgres.EmbeddedPostgres, old: Old) -> None:
    urls = restore(postgres_server, old)
    Product.upgrade(urls)
    before = dump(postgres_server, urls)
    Product.upgrade(urls)
    assert dump(postgres_server, urls) == before


def test_an_upgrade_without_a_database_says_so() -> None:
    """The service's address may answer when the owner's does not."""
    with pytest.raises(DatabaseUnavailable):
        migrations.upgrade("postgresql://nobody@127.0.0.1:9/nothing", service_role="nobody")


def test_an_upgrade_that_fails_leaves_nothing_behind(postgres_server: postgres.EmbeddedPostgres) -> None:
    """It ends behind many tables that are made by then, because the role that gets rights to them is not there."""
    urls = load(postgres_server, "")
    before = dump(postgres_server, urls)
    with pytest.raises(psycopg.errors.UndefinedObject):
        migrations.upgrade(urls.owner, service_role="nobody")
    assert dump(postgres_server, urls) == before


def test_going_back_is_refused_and_changes_nothing(
    postgres_server: postgres.EmbeddedPostgres, old: Old
) -> None:
    """The promise is a backup. A revision that can be undone all the same is, and done again, without a loss."""
    urls = restore(postgres_server, old)
    Product.upgrade(urls)
    before = dump(postgres_server, urls)
    with pytest.raises(NotImplementedError, match="restore a backup instead"):
        go_back_as_far_as_possible(urls)
    Product.upgrade(urls)
    assert dump(postgres_server, urls) == before


def go_back_as_far_as_possible(urls: DatabaseUrls) -> None:
    while True:
        Product.go_back(urls)
