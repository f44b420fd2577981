"""What an admin changes: settings with a trace in the log, keys that are shown once."""

from __future__ import annotations

import re

from integration.api import keys
from integration.models import ApiKey, EventLog, PortalConfiguration, RetryPolicy, TokenBucket
from tests.admin.conftest import creditor

CONFIGURATION = {
    "sending_enabled": "on",
    "settle_seconds": "1.5",
    "second_look_seconds": "60",
    "filter_cap": "10000",
    "tolerance_ore_per_row": "1",
    "bookkeeping_years": "7",
}


def test_the_configuration_opens_at_once_and_is_one(administrator, db):
    answer = administrator.get("/admin/integration/portalconfiguration/")
    assert answer.status_code == 302
    assert administrator.get(answer["Location"]).status_code == 200
    assert administrator.get("/admin/integration/portalconfiguration/add/").status_code == 403


def test_a_change_of_the_configuration_is_logged_with_who_and_what(administrator, db):
    administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"second_look_seconds": "90"})
    assert PortalConfiguration.objects.get().second_look_seconds == 90
    logged = EventLog.objects.get(action="configuration.changed")
    assert logged.actor == "anna"
    assert "second_look_seconds" in logged.detail["fields"]


def test_which_systems_it_belongs_to_cannot_be_typed(administrator, db):
    PortalConfiguration.objects.update(bound_billecta="api.billecta.com")
    administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"bound_billecta": "evil.example"})
    assert PortalConfiguration.objects.get().bound_billecta == "api.billecta.com"


def test_operators_do_not_change_it(operator, db):
    assert operator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION).status_code == 403


def test_a_retry_policy_is_edited_and_the_one_for_all_others_stays(superuser, db):
    general, _made = RetryPolicy.objects.get_or_create(error_code="")
    own = RetryPolicy.objects.create(error_code="remote_timeout")
    assert superuser.post(f"/admin/integration/retrypolicy/{general.pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"error_code": "remote_timeout", "first_delay_seconds": "7", "growth": "2", "max_delay_seconds": "60", "jitter": "0.1"}
    superuser.post(f"/admin/integration/retrypolicy/{own.pk}/change/", data | {"give_up_after_hours": "24"})
    own.refresh_from_db()
    assert own.first_delay_seconds == 7


def test_the_policy_for_all_others_survives_the_list_action_too(superuser, db):
    general, _made = RetryPolicy.objects.get_or_create(error_code="")
    superuser.post("/admin/integration/retrypolicy/", {"action": "delete_selected", "_selected_action": [general.pk], "post": "yes"})
    assert RetryPolicy.objects.filter(error_code="").exists()


def test_a_limit_of_calls_is_edited_but_not_its_system(administrator, db):
    TokenBucket.objects.update_or_create(system="billecta", defaults={"rate_per_second": 8, "burst": 10})
    data = {"system": "other", "rate_per_second": "4", "burst": "10", "enabled": "on"}
    administrator.post("/admin/integration/tokenbucket/billecta/change/", data)
    assert TokenBucket.objects.get(system="billecta").rate_per_second == 4
    assert not TokenBucket.objects.filter(system="other").exists()


class TestKeys:
    """A key is shown on the answer to its making, and nowhere else."""

    ADD = "/admin/integration/apikey/add/"
    DATA = {"name": "Lime", "scopes": ["commands", "read"], "expires_at_0": "", "expires_at_1": ""}

    def make(self, client) -> str:
        page = client.post(self.ADD, self.DATA | {"creditors": [creditor().pk]})
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        found = re.search(r"kv-key-text[^>]*>([^<]+)<", page.content.decode())
        assert found
        return found[1]

    def test_it_works_and_is_limited_as_asked(self, administrator, db):
        holder = keys.identify(self.make(administrator))
        assert holder
        assert holder.scopes == {"commands", "read"}
        assert holder.creditors == {"creditor-1"}

    def test_it_is_shown_once(self, administrator, db):
        key = self.make(administrator)
        row = ApiKey.objects.get()
        for address in ("/admin/integration/apikey/", f"/admin/integration/apikey/{row.pk}/change/"):
            assert key not in administrator.get(address).content.decode()

    def test_a_key_that_opens_nothing_is_refused(self, administrator, db):
        assert administrator.post(self.ADD, self.DATA | {"scopes": []}).context["errors"]
        assert not ApiKey.objects.exists()

    def test_changing_its_name_keeps_the_key(self, administrator, db):
        key = self.make(administrator)
        row = ApiKey.objects.get()
        administrator.post(f"/admin/integration/apikey/{row.pk}/change/", self.DATA | {"name": "Lime CRM"})
        keys.forget_cached()
        holder = keys.identify(key)
        assert holder
        assert holder.name == "Lime CRM"

    def test_revoking_ends_it_and_keeps_the_row(self, administrator, db):
        key = self.make(administrator)
        row = ApiKey.objects.get()
        administrator.post("/admin/integration/apikey/", {"action": "revoke_selected", "_selected_action": [row.pk]})
        assert keys.identify(key) is None
        assert EventLog.objects.get(action="api_key.revoked").actor == "anna"
        assert administrator.post(f"/admin/integration/apikey/{row.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_operators_neither_see_nor_make_keys(self, operator, db):
        assert operator.get("/admin/integration/apikey/").status_code == 403
        assert operator.post(self.ADD, self.DATA).status_code == 403
