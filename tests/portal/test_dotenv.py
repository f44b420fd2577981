"""What is written into `.env`, and what is left alone."""

import stat

import pytest
from cryptography.fernet import Fernet

from portal.dotenv import DEMO, SECRETS, complete
from portal.environment import encryption_keys

NAMES = [*DEMO]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def written(file) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if line and not line.startswith("#"))


def test_an_empty_folder_gets_all_that_is_wanted(tmp_path):
    file = tmp_path / ".env"
    assert complete(file, DEMO) == NAMES
    values = written(file)
    assert set(values) == set(NAMES)
    assert values["SANDBOX"] == "true"
    assert len(values["SECRET_KEY"]) >= 50
    assert encryption_keys(values["FIELD_ENCRYPTION_KEYS"])


def test_only_its_owner_may_read_it(tmp_path):
    file = tmp_path / ".env"
    file.touch(mode=0o644)
    complete(file, SECRETS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_there_is_never_changed(tmp_path):
    file = tmp_path / ".env"
    key = Fernet.generate_key().decode()
    before = f"# mine\nexport SECRET_KEY='keep me'\n FIELD_ENCRYPTION_KEYS = {key}\nSANDBOX=false"
    file.write_text(before)
    assert complete(file, DEMO) == ["DEMO_PASSWORD"]
    assert file.read_text().startswith(before + "\nDEMO_PASSWORD=")


def test_a_second_time_nothing_is_written(tmp_path):
    file = tmp_path / ".env"
    complete(file, DEMO)
    before = file.read_bytes()
    assert complete(file, DEMO) == []
    assert file.read_bytes() == before


def test_the_environment_counts_as_set(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "from-the-environment")
    file = tmp_path / ".env"
    assert complete(file, SECRETS) == ["FIELD_ENCRYPTION_KEYS"]


def test_two_folders_have_different_secrets(tmp_path):
    complete(tmp_path / "one", DEMO)
    complete(tmp_path / "two", DEMO)
    one, two = written(tmp_path / "one"), written(tmp_path / "two")
    assert [name for name in NAMES if one[name] == two[name]] == ["SANDBOX"]
