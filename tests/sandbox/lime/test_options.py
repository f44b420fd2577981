"""Options: objects in the limeobject API, key strings elsewhere, with and without keys."""


def test_an_option_is_an_object_here_and_a_key_there(lime):
    order = lime.create("order", deliverymethod="email")
    assert (order["deliverymethod"]["key"], order["deliverymethod"]["text"]) == ("email", "E-post")
    assert isinstance(order["deliverymethod"]["id"], int)
    assert lime.query("order", {"deliverymethod": None, "language": ""}) == [{"deliverymethod": "email", "language": "empty"}]


def test_an_unset_option_is_empty(lime):
    unset = lime.create("order")["billectastatus"]
    assert (unset["key"], unset["text"]) == ("empty", "")


def test_an_option_can_be_written_as_an_object_and_emptied_by_its_key(lime):
    assert lime.create("order", language={"key": "sv"})["language"]["key"] == "sv"
    assert lime.update("order", 1001, language="empty")["language"]["text"] == ""


def test_without_keys_the_id_stands_in(alternative):
    order = alternative.create("order", number="1")
    unset = order["billing_status"]
    assert (unset["key"], unset["text"]) == (str(unset["id"]), "")
    [created] = [option for option in alternative.get("limetype/order/billing_status/")["options"] if option["text"] == "Skapad"]
    assert created["key"] == str(created["id"])
    written = alternative.update("order", 1001, billing_status=created["key"])
    assert written["billing_status"] == {"id": created["id"], "key": created["key"], "text": "Skapad"}
    assert alternative.query("order", {"billing_status": None}) == [{"billing_status": created["key"]}]
    assert alternative.call("PUT", "limeobject/order/1001/", json={"billing_status": "created"}).status_code == 400


def test_other_options_of_the_alternative_schema_have_keys_of_their_own(alternative):
    assert alternative.create("order", number="1", delivery="e-faktura")["delivery"]["text"] == "E-faktura"
    assert alternative.call("PUT", "limeobject/order/1001/", json={"delivery": "fax"}).status_code == 400
