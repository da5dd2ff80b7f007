from dataclasses import replace

from radtex.transfer.evidence.tripod_ai import NOT_KNOWN, checklist


def test_all_27_items_are_there_in_order(results):
    numbers = [item.number for item in checklist(results)]
    whole = [int("".join(filter(str.isdigit, number))) for number in numbers]
    assert sorted(set(whole)) == list(range(1, 28))
    assert whole == sorted(whole)
    assert len(set(numbers)) == len(numbers)


def test_items_are_filled_from_the_record_or_said_to_be_unknown(results):
    said = {item.number: item.answer for item in checklist(results)}
    assert "uncertain and blank labels are left out" in said["8a"]
    assert "radtex" in said["1"]
    assert "60 labelled studies" in said["4"]
    assert "female, male" in said["14"]
    assert "made" in said["6a"]
    assert "000000000000" in said["18e"]
    assert said["17"] == said["18a"] == said["3a"] == NOT_KNOWN
    bare = {item.number: item.answer for item in checklist(replace(results, classifiers={}))}
    assert "no threshold" in bare["15"]
