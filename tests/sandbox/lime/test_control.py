"""Lime's control routes and pages: seeding, edits by a person, what is shown, and what survives a restart."""

import requests

from tests.sandbox.lime.harness import Lime, sandbox, serve
from tests.sandbox.process import SandboxProcess

LANDLORD = (
    {"limetype": "creditor", "ref": "c", "values": {"name": "Bostads AB"}},
    {"limetype": "debtor", "ref": "d", "values": {"name": "Anna <b>Ek</b>"}},
    {
        "limetype": "order",
        "ref": "o",
        "values": {"ordernumber": "A1", "creditor": {"ref": "c"}, "debtor": {"ref": "d"}, "billectastatus": "paid"},
    },
    {"limetype": "orderrow", "values": {"order": {"ref": "o"}, "description": "Hyra mars", "price": 8500.5}},
)


def page(lime, path=""):
    answer = requests.get(f"{lime.url}/_sandbox/{path}", timeout=60)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    return answer.text


def test_seeded_objects_refer_to_each_other(lime):
    ids = lime.seed(*LANDLORD)
    order = lime.get(f"limeobject/order/{ids['o']}/")
    assert (order["creditor"], order["debtor"], order["_createduser"]) == (ids["c"], ids["d"], 1)
    assert len(lime.effects()) == 4


def test_a_seed_is_taken_whole_or_not_at_all(lime):
    broken = {"limetype": "order", "values": {"debtor": {"ref": "nobody"}}}
    refused = lime.control("POST", "seed", {"objects": [*LANDLORD, broken]}, status=400)
    assert refused["message"].startswith("objects[4]")
    assert lime.listed("limeobject/order/") == []
    assert lime.effects() == []


def test_seeding_tells_nobody_unless_asked(lime, receiver):
    lime.subscribe(receiver.url, "debtor.new")
    lime.seed({"limetype": "debtor", "values": {"name": "quiet"}})
    lime.seed({"limetype": "debtor", "values": {"name": "told"}}, events=True)
    assert [webhook.data["body"]["values"]["name"] for webhook in receiver.wait_for(1)] == ["told"]


def test_a_person_creates_edits_and_deletes(lime):
    created = lime.control("POST", "objects/debtor", {"name": "Anna"}, 201)
    edited = lime.control("PUT", "objects/debtor/1001", {"city": "Lund"})
    assert (created["_createduser"], edited["_updateduser"], edited["name"]) == (3702, 3702, "Anna")
    assert lime.control("PUT", "objects/debtor/1001", {"city": 7}, 400) == {"message": "Property 'city' must be text"}
    lime.control("DELETE", "objects/debtor/1001")
    assert [(effect["effect"], effect["user"]) for effect in lime.effects()] == [
        ("object.created", 3702),
        ("object.updated", 3702),
        ("object.deleted", 3702),
    ]


def test_reset_empties_everything_but_the_switches(lime):
    lime.seed(*LANDLORD)
    lime.subscribe("http://127.0.0.1:9/a", "order.new")
    lime.control("PUT", "modes", {"embedded_when_empty": True})
    lime.control("POST", "reset")
    assert lime.get("limeobject/order/")["_embedded"] == {"limeobjects": []}
    assert lime.get("subscription/") == []
    assert lime.effects() == []


def test_the_state_counts_objects_by_limetype(lime):
    lime.seed(*LANDLORD)
    counts = lime.control("GET", "state")["counts"]
    assert (counts["order"], counts["orderrow"], counts["payment"]) == (1, 1, 0)


def test_the_page_shows_objects_newest_first_with_links(lime):
    lime.seed(*LANDLORD, {"limetype": "debtor", "values": {"name": "Bo Alm"}})
    html = page(lime)
    assert html.index("Bo Alm") < html.index("Anna &lt;b&gt;Ek&lt;/b&gt;")
    assert "<b>Ek</b>" not in html
    assert '<a href="/_sandbox/objects/debtor/1001">Anna' in html
    assert "Betald" in html
    assert "http" not in html.replace(lime.url, "")


def test_an_objects_page_shows_its_properties_and_what_belongs_to_it(lime):
    ids = lime.seed(*LANDLORD)
    html = page(lime, f"objects/order/{ids['o']}")
    for text in ("billectaid", "_updateduser", "Bostads AB", "Hyra mars", "8500.50", '<a href="/_sandbox/objects/orderrow/1001">'):
        assert text in html
    assert requests.get(f"{lime.url}/_sandbox/objects/order/4711", timeout=60).status_code == 404


def test_an_empty_lime_has_a_page_too(alternative):
    assert "Nothing has been seeded" in page(alternative)


def test_the_state_file_brings_everything_back(tmp_path):
    state = tmp_path / "lime.json"
    with serve(sandbox(state=state)) as server:
        lime = Lime(sandbox(), server)
        lime.seed(*LANDLORD)
        lime.call("POST", "file/", data=b"\x00\xff", headers={"Content-Disposition": 'filename="a.bin"'})
        lime.subscribe("http://127.0.0.1:9/a", "order.new", secret="hush")
        lime.create("debtor", name="Bo")
        lime.call("DELETE", "limeobject/debtor/1002/")
        before = lime.get("limeobject/order/1001/", _embed=["orderrow", "debtor"])
    with serve(sandbox(state=state)) as server:
        lime = Lime(sandbox(), server)
        again = lime.get("limeobject/order/1001/", _embed=["orderrow", "debtor"])
        assert {name: value for name, value in again.items() if name[1:] not in {"links", "embedded"}} == {
            name: value for name, value in before.items() if name[1:] not in {"links", "embedded"}
        }
        assert again["_embedded"]["relation_orderrow"][0]["price"] == 8500.5
        assert lime.call("GET", "file/5001/contents/").content == b"\x00\xff"
        assert lime.get("subscription/")[0]["id"] == 1
        lime.control("POST", "objects/debtor/1002/restore")
        assert lime.create("debtor", name="Cia")["_id"] == 1003


def test_the_command_line_starts_a_sandbox_with_its_options(tmp_path):
    state = tmp_path / "lime.json"
    options = ("--database", "Lime CRM", "--api-key", "secret-key", "--schema", "alternative")
    with SandboxProcess("lime", *options, state=state) as process:
        process.control("POST", "seed", {"objects": [{"limetype": "debtor", "values": {"companyname": "Bo AB", "category": "business"}}]})
    with SandboxProcess("lime", *options, state=state) as process:
        headers = {"x-api-key": "secret-key"}
        answer = requests.get(f"{process.url}/Lime%20CRM/api/v1/limeobject/debtor/1001/", headers=headers, timeout=60)
        assert answer.json()["companyname"] == "Bo AB"
        print(f"the sandbox started in {process.started_in:.2f} s")
