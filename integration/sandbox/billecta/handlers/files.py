"""Files: the invoice's PDF, drawn when it is fetched, and files that came with an invoice or were made once."""

import base64

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import wire
from integration.sandbox.billecta.books import StoredFile, View
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.views import file_view


async def get_file(request: web.Request) -> web.Response:
    """The file itself."""
    sandbox, file = billecta(request), _file(request)
    return web.Response(body=_content(sandbox, file), content_type=file.content_type)


async def get_file_object(request: web.Request) -> web.Response:
    """FileView, with base64 data when `includedata` is true."""
    sandbox, file = billecta(request), _file(request)
    is_wanted = request.query.get("includedata", "").lower() == "true"
    return wire.answer(file_view(file, base64.b64encode(_content(sandbox, file)).decode() if is_wanted else None))


def keep_attached(sandbox: BillectaSandbox, entry: View) -> View:
    """The entry with its files stored, and references without data in their place. Raises Refusal (400)."""
    kept = dict(entry)
    if kept.get("Appendixes"):
        kept["Appendixes"] = [_keep(sandbox, file) for file in kept["Appendixes"]]
    if kept.get("Attachments"):
        kept["Attachments"] = [
            {**attachment, "File": _keep(sandbox, attachment["File"])} if attachment.get("File") else attachment
            for attachment in kept["Attachments"]
        ]
    return kept


def store(sandbox: BillectaSandbox, name: str, content_type: str, data: bytes) -> StoredFile:
    """Keep a file that was made here."""
    file = StoredFile(new_guid(), name, content_type, data=base64.b64encode(data).decode())
    sandbox.books.files[file.file_id] = file
    return file


def _keep(sandbox: BillectaSandbox, given: View) -> View:
    known = sandbox.books.files.get(given.get("FilePublicId", ""))
    if known is None:
        if not given.get("Data"):
            raise Refusal(400, "A file needs Data or a known FilePublicId")
        content_type = given.get("ContentType") or "application/octet-stream"
        known = store(sandbox, given.get("FileName") or "file", content_type, base64.b64decode(given["Data"]))
    return file_view(known)


def _file(request: web.Request) -> StoredFile:
    file = billecta(request).books.files.get(wire.guid(request, "file"))
    if file is None:
        raise Refusal(404, "The file was not found")
    return file


def _content(sandbox: BillectaSandbox, file: StoredFile) -> bytes:
    if file.action_id is None:
        return base64.b64decode(file.data or "")
    from integration.sandbox.billecta.pdf import invoice_pdf

    return invoice_pdf(sandbox.books, sandbox.books.invoice(file.action_id))
