import pytest

from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.transfer.contestants.roles import role_of, roles_among


@pytest.mark.parametrize(
    ("source", "role"),
    [("random", "random"), ("imagenet", "imagenet"), ("xrv", "other"), ("timm", "other")],
)
def test_what_is_no_run_has_the_role_of_its_source(source, role):
    takes = EncoderInput(64, 0.0, 1.0)
    assert role_of(ResolvedEncoder(Encoder("test_resnet", 64), source, takes)) == role


def test_what_is_no_run_of_ours_keeps_its_role(contestant):
    made = [contestant("a", "radtex"), contestant("b", "radtex"), contestant("c", "supervised")]
    assert [each.role for each in roles_among(made)] == ["radtex", "radtex", "supervised"]
