"""Files: uploaded, described, fetched, and pointed at by a file property."""

PDF = b"%PDF-1.7 \x00\xff"
HEADERS = {"Content-Type": "application/pdf", "Content-Disposition": ";filename*=\"UTF-8''Faktura%20%C3%A5r.pdf\""}


def upload(lime, **headers):
    return lime.call("POST", "file/", data=PDF, headers={**HEADERS, **headers})


def test_an_uploaded_file_is_described(lime):
    answer = upload(lime)
    assert answer.status_code == 201
    file = answer.json()
    described = {name: file[name] for name in ("id", "filename", "extension", "size", "content_type", "created_by", "locked_by")}
    assert described == {
        "id": 5001,
        "filename": "Faktura år.pdf",
        "extension": "pdf",
        "size": len(PDF),
        "content_type": "application/pdf",
        "created_by": 3701,
        "locked_by": None,
    }
    assert lime.get("file/5001/") == file


def test_the_contents_come_back_as_they_were_sent(lime):
    upload(lime)
    answer = lime.call("GET", "file/5001/contents/")
    assert (answer.content, answer.headers["Content-Type"]) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Faktura%20%C3%A5r.pdf"
    assert lime.call("GET", "file/5002/contents/").status_code == 404


def test_a_file_needs_a_name(lime):
    assert upload(lime, **{"Content-Disposition": "attachment"}).status_code == 400
    assert upload(lime, **{"Content-Disposition": 'attachment; filename="a.pdf"'}).json()["filename"] == "a.pdf"


def test_a_file_property_points_at_an_uploaded_file(lime):
    upload(lime)
    assert lime.create("invoice", invoicenumber="1", pdf=5001)["pdf"] == 5001
    assert lime.call("PUT", "limeobject/invoice/1001/", json={"pdf": 5002}).status_code == 400
    assert lime.update("invoice", 1001, pdf=None)["pdf"] is None
