"""The groups and what each may do."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User

from integration.admin.groups import ADMINISTRATORS, BILLECTA_TASK, BILLECTA_WEBHOOK, CUSTOM, FINANCE, USERS, WANTED, ensure_groups
from tests.admin.conftest import person

pytestmark = pytest.mark.django_db


def holds(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


def test_migrating_makes_them_all():
    assert (
        set(Group.objects.values_list("name", flat=True))
        == set(WANTED)
        == {ADMINISTRATORS, USERS, FINANCE, BILLECTA_WEBHOOK, BILLECTA_TASK}
    )


def test_administrators_may_do_everything_here():
    every = Permission.objects.filter(content_type__app_label="integration").values_list("codename", flat=True)
    assert set(every) | {"add_user", "change_group"} <= holds(ADMINISTRATORS)
    assert set(CUSTOM) <= set(every)


def test_users_look_and_retry_and_change_nothing():
    assert {"view_syncrecord", "view_invoice", "retry_syncrecord", "replay_webhookevent"} <= holds(USERS)
    assert not {"decide_syncrecord", "view_protected_debtor", "view_apikey", "change_portalconfiguration"} & holds(USERS)
    assert not [codename for codename in holds(USERS) if codename.startswith(("change_", "delete_"))]


def test_finance_sees_the_money_and_nothing_of_the_machinery():
    assert {"view_order", "view_invoice", "view_payment", "view_ledgerentry"} <= holds(FINANCE)
    assert not {"view_syncrecord", "view_webhookevent", "retry_syncrecord", "view_apikey"} & holds(FINANCE)


def test_making_them_again_changes_nothing_and_keeps_what_an_admin_added():
    extra = Permission.objects.get(codename="view_protected_debtor")
    Group.objects.get(name=FINANCE).permissions.add(extra)
    before = holds(USERS)
    ensure_groups()
    assert holds(USERS) == before
    assert "view_protected_debtor" in holds(FINANCE)
    assert Group.objects.count() == len(WANTED)


def test_an_administrator_cannot_become_or_change_a_superuser(administrator):
    root = User.objects.create_superuser("root", password="a-long-password-1")
    assert administrator.post(f"/admin/auth/user/{root.pk}/change/", {"username": "mine"}).status_code == 403
    assert administrator.post(f"/admin/auth/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.post(f"/admin/auth/user/{root.pk}/password/", {"password1": "x"}).status_code == 403
    me = User.objects.get(username="anna")
    fields = {
        "username": "anna",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [Group.objects.get(name=ADMINISTRATORS).pk],
    }
    moments = {"last_login_0": "", "last_login_1": "", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert administrator.post(f"/admin/auth/user/{me.pk}/change/", fields | moments).status_code == 302
    me.refresh_from_db()
    assert not me.is_superuser


def test_the_navigation_shows_only_what_may_be_opened():
    page = person("finn", FINANCE).get("/admin/").content.decode()
    assert "/admin/integration/invoice/" in page
    assert "/admin/integration/syncrecord/" not in page
    assert "/admin/integration/apikey/" not in page
