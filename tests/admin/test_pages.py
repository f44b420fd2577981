"""What holds for every page: no inline script, its own name, the reader's language, files that a deployment can serve."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from integration.presentation import badges
from tests.admin.conftest import MAKERS, work

SCRIPT_WITH_CONTENT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S")
HANDLER = re.compile(r"<[^>]+\son(?:click|load|submit|change|error|input|focus)=", re.IGNORECASE)


def pages(client) -> dict[str, str]:
    for make in MAKERS.values():
        make()
    record = work("needs_decision")
    lists = [f"/admin/integration/{model}/" for model in MAKERS]
    others = ["/admin/", f"/admin/integration/syncrecord/{record.pk}/change/", "/admin/integration/apikey/add/", "/admin/auth/user/"]
    return {address: client.get(address).content.decode() for address in [*lists, *others]}


def test_no_page_has_an_inline_script(administrator, db):
    found = pages(administrator) | {"login": Client().get("/admin/login/").content.decode()}
    assert not [address for address, page in found.items() if SCRIPT_WITH_CONTENT.search(page) or HANDLER.search(page)]


def test_no_page_names_the_product_it_is_made_of(administrator, db):
    for address, page in pages(administrator).items():
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        assert title, address
        assert "Kvittens" in title[1], address
        assert "Django" not in title[1], address


def test_the_login_page_logs_in_and_goes_where_one_was_going(db, django_user_model):
    django_user_model.objects.create_user("anna", password="a-long-password-1", is_staff=True)
    client = Client()
    page = client.get("/admin/login/?next=/admin/integration/invoice/").content.decode()
    assert 'name="next" value="/admin/integration/invoice/"' in page
    wrong = client.post("/admin/login/", {"username": "anna", "password": "wrong", "next": "/admin/"}, headers={"accept-language": "en"})
    assert "Please enter the correct username and password" in wrong.content.decode()
    answer = client.post("/admin/login/", {"username": "anna", "password": "a-long-password-1", "next": "/admin/integration/invoice/"})
    assert answer["Location"] == "/admin/integration/invoice/"


def test_the_reader_chooses_the_language_before_and_after_logging_in(administrator):
    client = Client()
    client.post("/admin/language/", {"language": "sv", "next": "/admin/login/"})
    assert "Lösenord" in client.get("/admin/login/").content.decode()
    administrator.post("/admin/language/", {"language": "sv", "next": "/admin/"})
    swedish = administrator.get("/admin/").content.decode()
    assert 'lang="sv"' in swedish
    assert "Översikt" in swedish
    administrator.post("/admin/language/", {"language": "en", "next": "/admin/"})
    assert "Overview" in administrator.get("/admin/").content.decode()


def test_a_world_that_is_not_production_says_so(administrator, settings):
    assert "127.0.0.1:9" in administrator.get("/admin/").content.decode()
    settings.BILLECTA_BASE_URL = "https://apitest.billecta.com"
    assert re.search(r">\s*Test\s*<", administrator.get("/admin/").content.decode())


def test_every_status_has_a_look_and_no_look_is_left_over():
    for choices, looks in badges.LOOKS.items():
        assert set(looks) == set(choices), choices


@pytest.mark.parametrize("name", ["kvittens/kvittens.css", "kvittens/icon.svg"])
def test_own_files_are_found(name):
    assert finders.find(name)


def test_every_tone_has_its_colour():
    css = Path(str(finders.find("kvittens/kvittens.css"))).read_text()
    tones = {look.tone for looks in badges.LOOKS.values() for look in looks.values()} | {look.tone for look in badges.KEY_LOOKS.values()}
    assert [tone for tone in tones if f".kv-tone-{tone}" not in css] == []


def test_a_deployment_serves_the_login_page_and_its_files(db, tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    page = Client().get("/admin/login/").content.decode()
    files = re.findall(r'(?:href|src)="/?static/([^"]+)"', page)
    assert any(name.startswith("kvittens/kvittens.") for name in files)
    assert [name for name in files if not (tmp_path / name).is_file()] == []


def test_templates_are_where_the_settings_say():
    assert (Path(settings.BASE_DIR) / "templates/admin/index.html").is_file()
