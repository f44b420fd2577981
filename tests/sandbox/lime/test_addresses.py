"""Where the API lives: the database in the path, absolute and percent-encoded links."""

import pytest

from tests.sandbox.lime.harness import Lime, sandbox, serve


@pytest.fixture
def spaced():
    pretended = sandbox(database="Lime CRM")
    with serve(pretended) as server:
        yield Lime(pretended, server)


def test_a_database_with_a_space_is_served_under_its_encoded_name(spaced):
    created = spaced.create("debtor", name="Anna Ek")
    own = f"{spaced.url}/Lime%20CRM/api/v1/limeobject/debtor/1001/"
    assert created["_links"]["self"]["href"] == own
    assert spaced.get(own)["name"] == "Anna Ek"


def test_links_follow_the_host_that_was_called(spaced):
    port = spaced.url.rpartition(":")[2]
    answer = spaced.get(f"http://localhost:{port}/Lime%20CRM/api/v1/limetype/")
    assert answer["_links"]["self"]["href"] == f"http://localhost:{port}/Lime%20CRM/api/v1/limetype/"


def test_the_connection_test_answers_with_links(lime):
    assert lime.get("")["_links"]["limeobject"]["href"] == f"{lime.url}/kvittens/api/v1/limeobject/"


@pytest.mark.parametrize("path", ["limeobject/debtor", "limeobject/landlord/", "nothing/"])
def test_what_is_not_there_is_404(lime, path):
    assert lime.call("GET", path).status_code == 404


def test_another_database_is_not_there(lime):
    assert lime.call("GET", f"{lime.url}/other/api/v1/").status_code == 404


def test_hal_is_named_only_to_those_who_accept_it(lime):
    asked = lime.call("GET", "limetype/", headers={"Accept": "application/hal+json"})
    assert asked.headers["Content-Type"].startswith("application/hal+json")
    assert lime.call("GET", "limetype/").headers["Content-Type"].startswith("application/json")
