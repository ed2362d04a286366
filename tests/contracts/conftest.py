"""The contract's own asserts explain themselves like those of a test module."""

import pytest

pytest.register_assert_rewrite("tests.contracts.ticket_connector")
