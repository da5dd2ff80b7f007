import pytest

from radtex.errors import CorpusError, ProtocolError
from radtex.transfer.protocols.label_prior.open_prior import open_prior
from radtex.transfer.protocols.label_prior.prior_options import NO_PRIOR, PriorOptions


def test_nothing_is_opened_where_nothing_was_asked_for(corpus):
    assert open_prior(NO_PRIOR, corpus, 0) is None


def test_what_was_asked_for_is_in_the_record(reporting):
    options = PriorOptions("reports", prior_corruption=0.15, prior_label_policy="paper")
    settings = open_prior(options, reporting, 0).settings()
    assert settings["corruption"] == 0.15
    assert settings["label_policy"]["name"] == "paper"
    assert settings["images"] == len(reporting.rows("train"))


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (PriorOptions(prior_corruption=0.1), ProtocolError, "name --prior"),
        (PriorOptions("reports", prior_corruption=1.5), ProtocolError, "from 0 to 1"),
        (PriorOptions("reports", prior_label_policy="no"), CorpusError, "unknown label policy"),
        (PriorOptions("reports", prior_corpus="/no/where"), CorpusError, "/no/where"),
    ],
)
def test_what_cannot_be_is_refused(reporting, options, error, said):
    with pytest.raises(error, match=said):
        open_prior(options, reporting, 0)


def test_a_corpus_without_a_train_split_is_refused(corpus):
    with pytest.raises(CorpusError, match="has no split 'train'"):
        open_prior(PriorOptions("reports"), corpus, 0)


@pytest.mark.parametrize(
    "options",
    [
        PriorOptions("ask", prior_corruption=0.1),
        PriorOptions("ask", prior_label_policy="paper"),
        PriorOptions("ask", prior_corpus="c"),
    ],
)
def test_a_decoder_is_asked_without_reports(corpus, options):
    with pytest.raises(ProtocolError, match="--prior ask reads no reports"):
        open_prior(options, corpus, 0)


def test_a_decoder_is_asked_with_the_sentences_of_ones_own_finding(corpus, tmp_path):
    file = tmp_path / "notching.yaml"
    file.write_text(
        "affirm: [rib notching]\nask: {affirm: [ribs are notched.], deny: [ribs are smooth.]}\n"
    )
    options = PriorOptions("ask", finding=(f"Rib Notching={file}",))
    settings = open_prior(options, corpus, 0, ("Edema", "Rib Notching")).settings()
    own = {"affirm": ["ribs are notched."], "deny": ["ribs are smooth."]}
    assert settings["phrases"]["Rib Notching"] == own
    with pytest.raises(ProtocolError, match="no target has this name"):
        open_prior(options, corpus, 0, ("Edema",))
