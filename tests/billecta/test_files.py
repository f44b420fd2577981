"""Files inside Billecta's views."""

from __future__ import annotations

from integration.billecta.files import without_content


def test_a_view_is_kept_without_the_content_of_its_files():
    view = {
        "ActionPublicId": "1",
        "Attachments": [{"File": {"FileName": "a.pdf", "Data": "QUJD"}, "SortNumber": 1}],
        "Appendixes": [{"FileName": "b.pdf", "Data": "QUJD"}],
    }
    assert without_content(view) == {
        "ActionPublicId": "1",
        "Attachments": [{"File": {"FileName": "a.pdf", "Data": None}, "SortNumber": 1}],
        "Appendixes": [{"FileName": "b.pdf", "Data": None}],
    }
    assert view["Appendixes"] == [{"FileName": "b.pdf", "Data": "QUJD"}]
    assert without_content({"Attachments": None}) == {"Attachments": None}
