from radtex.classifiers.shareable import LEFT_OUT, names_public_weights, shareable
from radtex.transfer.contestants.near_duplicates import sentences


def test_paths_are_left_out_wherever_a_sentence_repeats_them():
    facts = {
        "encoder": {
            "name": "mine",
            "init": "/home/anna/run",
            "recipe": {"init": "/home/anna/run", "text": {"tokenizer": "words.json"}},
        },
        "pool": {"corpus": "/data/schmidt", "content_hash": "ab"},
        "test": {"corpus": "/data/schmidt", "content_hash": "cd"},
        "flags": [
            "Encoders differ in initialisation: mine /home/anna/run, other imagenet.",
            *sentences(
                {
                    "count": 1,
                    "correlation_from": 0.99,
                    "pairs": [{"pool": "anna-1", "test": "anna-2", "correlation": 1.0}],
                }
            ),
        ],
    }
    kept = shareable(facts)
    assert kept == {
        "encoder": {
            "name": "mine",
            "init": LEFT_OUT,
            "recipe": {"init": LEFT_OUT, "text": {"tokenizer": LEFT_OUT}},
        },
        "pool": {"content_hash": "ab"},
        "test": {"content_hash": "cd"},
        "flags": [
            f"Encoders differ in initialisation: mine {LEFT_OUT}, other imagenet.",
            "1 pair of images of the pool and the test has nearly the same pixels under different "
            "patients (correlation 0.99 or more), so the test is not wholly unseen.",
        ],
    }
    assert facts["pool"]["corpus"] == "/data/schmidt"


def test_names_of_public_weights_stay():
    public = ("random", "imagenet", "rad-dino", "timm:resnet50.a1_in1k", "hf:org/name", "xrv:x")
    assert all(map(names_public_weights, public))
    assert not any(map(names_public_weights, ("run", "/a/run", "file:/a/w.pth", "hf:./a", "w.pt")))
    facts = {"encoder": {"init": "imagenet"}, "flags": ["imagenet"]}
    assert shareable(facts) == facts
