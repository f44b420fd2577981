"""The invoice as a one-page PDF: who asks whom for what, the total and the OCR number to pay with."""

import io
from decimal import Decimal

import pydyf

from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Books, Invoice, View
from integration.sandbox.billecta.events import money

PAGE = (595, 842)
LEFT, RIGHT, TOP, LINE = 56, 539, 786, 16
MAX_ROWS = 30
"""More rows than this end in a line that says how many are left out, since the page is one."""

TABLE_COLUMNS = (LEFT, 330, 400, RIGHT)
ENCODING = "cp1252"
"""Python's name of the fonts' WinAnsiEncoding; what it lacks is printed as a question mark."""


def invoice_pdf(books: Books, invoice: Invoice) -> bytes:
    """The PDF of an attested invoice, drawn anew from the books."""
    creditor, debtor = books.creditor(invoice.creditor_id), invoice.debtor or {}
    canvas = _Canvas()
    canvas.text(LEFT, TOP, str(creditor.get("Name") or ""), size=18, is_bold=True)
    canvas.text(LEFT, TOP - LINE, f"Org.nr {creditor.get('OrgNo') or '-'}")
    _draw_facts(canvas, invoice)
    _draw_debtor(canvas, debtor)
    bottom = _draw_rows(canvas, invoice, TOP - 190)
    _draw_total(canvas, invoice, bottom - 2 * LINE)
    return canvas.finish()


def _draw_facts(canvas: "_Canvas", invoice: Invoice) -> None:
    facts = [
        ("Faktura", invoice.number or ""),
        ("Fakturadatum", str(dates.day(invoice.entry["InvoiceDate"]))),
        ("Förfallodatum", str(dates.day(invoice.entry["DueDate"]))),
        ("OCR", invoice.ocr or ""),
    ]
    for position, (label, value) in enumerate(facts):
        canvas.text(330, TOP - position * LINE, label)
        canvas.text_right(RIGHT, TOP - position * LINE, value, is_bold=position in {0, 3})


def _draw_debtor(canvas: "_Canvas", debtor: View) -> None:
    town = f"{debtor.get('ZipCode') or ''} {debtor.get('City') or ''}".strip()
    lines = [line for line in (debtor.get("Name"), debtor.get("Address"), town) if line]
    for position, line in enumerate(lines):
        canvas.text(LEFT, TOP - 90 - position * LINE, str(line), is_bold=position == 0)


def _draw_rows(canvas: "_Canvas", invoice: Invoice, top: int) -> int:
    """Draws the table; returns where it ends."""
    for x, heading in zip(TABLE_COLUMNS, ("Benämning", "Antal", "Moms", "Summa exkl. moms"), strict=True):
        (canvas.text_right if x == RIGHT else canvas.text)(x, top, heading, is_bold=True)
    canvas.rule(top - 5)
    rows = list(zip(invoice.entry.get("Records") or [], invoice.totals.rows, strict=True))
    for position, (record, totals) in enumerate(rows[:MAX_ROWS], 1):
        y = top - position * LINE - 4
        canvas.text(LEFT, y, str(record.get("ArticleDescription") or "")[:48])
        if record.get("RecordType") != "Message":
            canvas.text(TABLE_COLUMNS[1], y, _plain(record.get("Quantity")))
            canvas.text(TABLE_COLUMNS[2], y, f"{_plain(record.get('VAT'))} %")
            canvas.text_right(RIGHT, y, money(totals.net, invoice.currency))
    shown = min(len(rows), MAX_ROWS)
    if len(rows) > shown:
        shown += 1
        canvas.text(LEFT, top - shown * LINE - 4, f"och {len(rows) - MAX_ROWS} rader till")
    return top - shown * LINE - 4


def _draw_total(canvas: "_Canvas", invoice: Invoice, top: int) -> None:
    canvas.rule(top + LINE)
    lines = [
        ("Summa exkl. moms", invoice.totals.net),
        ("Moms", invoice.totals.vat),
        ("Öresavrundning", invoice.totals.rounding),
        ("Att betala", invoice.totals.invoiced - invoice.totals.deduction),
    ]
    for position, (label, ore) in enumerate(lines):
        is_last = position == len(lines) - 1
        canvas.text(330, top - position * LINE, label, is_bold=is_last)
        canvas.text_right(RIGHT, top - position * LINE, money(ore, invoice.currency), is_bold=is_last)


def _plain(number: Decimal | int | None) -> str:
    return "" if number is None else f"{Decimal(number).normalize():f}".replace(".", ",")


class _Canvas:
    """One A4 page with Helvetica in two weights."""

    def __init__(self) -> None:
        self._stream = pydyf.Stream()

    def text(self, x: float, y: float, text: str, *, size: int = 10, is_bold: bool = False) -> None:
        """Text that starts at x."""
        self._stream.begin_text()
        self._stream.set_font_size("Bold" if is_bold else "Plain", size)
        self._stream.set_text_matrix(1, 0, 0, 1, x, y)
        self._stream.show_text_string(text.encode(ENCODING, "replace"))
        self._stream.end_text()

    def text_right(self, x: float, y: float, text: str, *, size: int = 10, is_bold: bool = False) -> None:
        """Text that ends at x; widths are those of figures, near enough for amounts."""
        self.text(x - sum(_width(character) for character in text) * size, y, text, size=size, is_bold=is_bold)

    def rule(self, y: float) -> None:
        """A thin line across the page."""
        self._stream.set_line_width(0.5)
        self._stream.move_to(LEFT, y)
        self._stream.line_to(RIGHT, y)
        self._stream.stroke()

    def finish(self) -> bytes:
        """The document's bytes."""
        document = pydyf.PDF()
        fonts = {name: _font(document, face) for name, face in (("Plain", "Helvetica"), ("Bold", "Helvetica-Bold"))}
        document.add_object(self._stream)
        document.add_page(
            pydyf.Dictionary(
                {
                    "Type": "/Page",
                    "Parent": document.pages.reference,
                    "MediaBox": pydyf.Array([0, 0, *PAGE]),
                    "Contents": self._stream.reference,
                    "Resources": pydyf.Dictionary({"ProcSet": pydyf.Array(["/PDF", "/Text"]), "Font": pydyf.Dictionary(fonts)}),
                }
            )
        )
        output = io.BytesIO()
        document.write(output, version=b"1.7")
        return output.getvalue()


def _font(document: pydyf.PDF, face: str) -> bytes:
    font = pydyf.Dictionary({"Type": "/Font", "Subtype": "/Type1", "BaseFont": f"/{face}", "Encoding": "/WinAnsiEncoding"})
    document.add_object(font)
    reference: bytes = font.reference
    return reference


def _width(character: str) -> float:
    """Helvetica's width of a character for one point of size: exact for figures and separators, a fair mean for letters."""
    return 0.278 if character in ",. " else 0.556 if character.isdigit() else 0.64
