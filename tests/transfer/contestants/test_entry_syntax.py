import pytest

from radtex.errors import ProtocolError
from radtex.transfer.contestants.entry_syntax import Entry, read_entry


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("imagenet", Entry("imagenet", (("imagenet",),))),
        ("imagenet@128", Entry("imagenet@128", (("imagenet",),), 128)),
        ("big=imagenet@128", Entry("big", (("imagenet",),), 128)),
        ("imagenet@128@3", Entry("imagenet@128@3", (("imagenet",),), 128, (3,))),
        ("imagenet@@3,last", Entry("imagenet@@3,last", (("imagenet",),), None, (3, None))),
        ("runs/radtex-0@96", Entry("radtex-0@96", (("runs/radtex-0",),), 96)),
        ("timm:resnet18.a1@96", Entry("resnet18.a1@96", (("timm:resnet18.a1",),), 96)),
        ("r=runs/a,runs/b", Entry("r", (("runs/a",), ("runs/b",)))),
        ("r=a,b@96@3,4", Entry("r", (("a",), ("b",)), 96, (3, 4))),
        ("u=a+b@96", Entry("u", (("a", "b"),), 96)),
        ("u=a+b,c+d", Entry("u", (("a", "b"), ("c", "d")))),
    ],
)  # fmt: skip
def test_an_entry_is_taken_apart(text, entry):
    assert read_entry(text) == entry


@pytest.mark.parametrize("name", ["site@128", "a,b", "a+b", "a@64@3,4", "x=y@96"])
def test_a_path_that_exists_is_taken_as_it_stands(name, tmp_path):
    path = tmp_path / name
    path.mkdir()
    assert read_entry(str(path)) == Entry(name, ((str(path),),))
    assert read_entry(f"it={path}@32") == Entry("it", ((str(path),),), 32)
    assert read_entry(f"{path}@32@1,last") == Entry(
        f"{name}@32@1,last", ((str(path),),), 32, (1, None)
    )


def test_a_folder_with_a_comma_may_be_one_of_several(tmp_path):
    path = tmp_path / "a@96"
    path.mkdir()
    assert read_entry(f"it={path}+b").seeds == ((str(path), "b"),)
    (tmp_path / "a,b").mkdir()
    several = read_entry(f"it={tmp_path}/a,b,{tmp_path}/c,{tmp_path}/a,b@96@3,4")
    assert several.seeds == ((f"{tmp_path}/a,b",), (f"{tmp_path}/c",), (f"{tmp_path}/a,b",))
    assert (several.size, several.layers) == (96, (3, 4))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("imagenet@", "names no size behind its @"),
        ("imagenet@0", "images of 0 px"),
        ("imagenet@64@", "names no layer|names the layers ''"),
        ("imagenet@@x", "names the layers 'x'"),
        ("imagenet@@3,3", "names a layer twice"),
        ("a,b", "give it a name, as NAME=RUN,RUN"),
        ("n=a,", "has an empty part"),
    ],
)
def test_what_cannot_be_read_is_refused(text, message):
    with pytest.raises(ProtocolError, match=message):
        read_entry(text)
