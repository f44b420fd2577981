"""A fresh sandbox Lime per test, with either schema, and a receiver of webhooks."""

import pytest

from tests.sandbox.lime.harness import Lime, Receiver, ServerThread, sandbox, serve


@pytest.fixture
def lime():
    pretended = sandbox()
    with serve(pretended) as server:
        yield Lime(pretended, server)


@pytest.fixture
def alternative():
    pretended = sandbox("alternative")
    with serve(pretended) as server:
        yield Lime(pretended, server)


@pytest.fixture
def receiver():
    collecting = Receiver()
    with ServerThread(collecting.app) as server:
        collecting.url = f"{server.url}/hook"
        yield collecting
