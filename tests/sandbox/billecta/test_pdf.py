"""The invoice's PDF: one page that a reader opens and that shows what it must."""

import base64
import io

from pypdf import PdfReader

from tests.sandbox.billecta.api import Api


def _text(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content), strict=True)
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def test_it_shows_who_what_and_how_much(api: Api) -> None:
    invoice = api.invoice(api.attested())
    printed = invoice["Invoices"][0]
    answer = api.call("get_file", file=printed["InvoiceFile"]["FilePublicId"])
    assert answer.headers["Content-Type"] == "application/pdf"
    text = _text(answer.content)
    for shown in [
        "Björkhagens Bostäder AB",
        "Åkerö Handel (Norr) AB",
        "Umeå",
        "Hyra lokal",
        "1001",
        printed["OCR"],
        "3\u00a0162,50 SEK",
        "632,50 SEK",
    ]:
        assert shown in text


def test_the_file_object_holds_the_same_file(api: Api) -> None:
    file_id = api.invoice(api.attested())["Invoices"][0]["InvoiceFile"]["FilePublicId"]
    held = api.ok("get_file_object", file=file_id, query={"includedata": "true"})
    assert held["FileName"] == "Faktura 1001.pdf"
    assert "3\u00a0162,50 SEK" in _text(base64.b64decode(held["Data"]))
    assert api.ok("get_file_object", file=file_id)["Data"] is None


def test_many_rows_stay_on_one_page(api: Api) -> None:
    rows = [{"ArticleDescription": f"Rad {number}", "Quantity": 1, "UnitPrice": {"Value": 100}, "VAT": 25} for number in range(80)]
    file_id = api.invoice(api.attested(Records=rows))["Invoices"][0]["InvoiceFile"]["FilePublicId"]
    assert "och 50 rader till" in _text(api.call("get_file", file=file_id).content)
