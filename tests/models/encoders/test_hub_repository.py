"""What the hub answers, and what is said of it."""

import httpx
import pytest
from huggingface_hub import errors

from radtex.errors import RunError
from radtex.models.encoders import hub_repository
from radtex.models.encoders.hub_repository import HubRepository


def test_a_repository_is_pinned_to_its_commit(put):
    snapshot = put("org/made")
    (snapshot / "config.json").write_text("{}")
    found = HubRepository.find("hf:org/made", "config.json")
    assert (found.name, found.revision, found.folder) == ("org/made", "0" * 40, snapshot)
    assert found.licence == "not known: its card could not be fetched"


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\n---\n", "mit"),
        ("---\nlicense: other\nlicense_name: research-only\n---\n", "research-only"),
        ("---\nlicense: [\n---\n", "not stated"),
        ("# Without facts\n", "not stated"),
        ("---\ntags: [x]\n---\n", "not stated"),
    ],
)
def test_the_licence_is_what_the_card_states(card, licence, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "README.md").write_text(card)
    found = HubRepository.find(f"hf:{tmp_path}", "config.json")
    assert (found.licence, found.revision, found.short_name) == (licence, None, tmp_path.name)


def test_what_is_not_in_the_cache_is_not_fetched_without_network(put):
    put("org/made")
    with pytest.raises(RunError, match=r"cannot get config.json of org/made .*go online, or fill"):
        HubRepository.find("hf:org/made", "config.json")
    with pytest.raises(RunError, match=r"of org/made at v2 \("):
        HubRepository.find("hf:org/made@v2", "config.json")


def _raises(error):
    def download(*_args, **_options):
        raise error

    return download


RESPONSE = httpx.Response(401, request=httpx.Request("GET", "https://hub.invalid"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.GatedRepoError("", response=RESPONSE), "accept its licence: do so at"),
        (errors.RepositoryNotFoundError("", response=RESPONSE), "the hub has no model org/made"),
        (errors.RevisionNotFoundError("", response=RESPONSE), "has no revision v2"),
        (errors.RemoteEntryNotFoundError("", response=RESPONSE), "has no config.json, so it is no"),
        (errors.LocalEntryNotFoundError(""), "go online"),
        (errors.OfflineModeIsEnabled(""), "go online"),
        (errors.HFValidationError(""), "is no name of a model; write hf:ORG/NAME"),
        (OSError("refused"), "go online"),
    ],
)
def test_each_answer_of_the_hub_is_one_clear_line(error, said, monkeypatch):
    monkeypatch.setattr(hub_repository, "hf_hub_download", _raises(error))
    with pytest.raises(RunError, match=said) as raised:
        HubRepository.find("hf:org/made@v2", "config.json")
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_none_or_empty_is_refused(tmp_path):
    with pytest.raises(RunError, match="and there is none"):
        HubRepository.find(f"hf:{tmp_path}/absent", "config.json")
    with pytest.raises(RunError, match=r"has no config.json; expected a model"):
        HubRepository.find(f"hf:{tmp_path}", "config.json")
