"""Sentences that deny, and those that deny of an earlier film only."""

import pytest

from fixtures.sentences import labels_of
from radtex.reports import label_report

DENIED = """
{F}: none.
{F} - nil.
{F} – none.
{F}: nil.
{F}: no.
{F}: negative.
{F}: absent.
{F}: not seen.
{F}: none seen.
{F} (none).
{F} absent.
{F} is absent.
There isn't a {f}.
There isn't any {f}.
There aren't any {f}.
There is not a {f}.
There is not any {f}.
There's no {f}.
There was no {f}.
There are no {f}.
I don't see {f}.
I do not see any {f}.
We do not see a {f}.
I see no {f}.
One does not see {f}.
Lack of {f}.
Lacking {f}.
Absence of {f}.
{F} was not found.
{F} was not identified.
{F} wasn't seen.
{F} isn't seen.
{F} isn't present.
{F} not demonstrated.
{F} not shown.
{F} not apparent.
{F} is not apparent.
{F} is not appreciable.
{F} is not visible.
{F} could not be identified.
{F} cannot be seen.
{F} can't be identified.
{F} is not convincingly seen.
{F} has disappeared.
{F} has gone.
{F} is gone.
{F} has vanished.
{F} has completely resolved.
{F} has resolved completely.
{F} has resolved.
{F} has now cleared.
{F} is no longer seen.
{F} is no longer present.
{F} no longer visible.
Zero {f}.
No longer any {f}.
No {f} any longer.
No more {f}.
Fails to show {f}.
Film fails to demonstrate {f}.
Nothing to suggest {f}.
Nothing to indicate {f}.
Nothing suggestive of {f}.
Without {f}.
W/o {f}.
{F}-free.
Free of {f}.
Free from {f}.
Clear of {f}.
Devoid of {f}.
Negative for {f}.
Not {f}.
Never any {f}.
No definite {f}.
No convincing {f}.
No sign of {f}.
No signs of {f}.
No features of {f}.
No suggestion of {f}.
No suspicion of {f}.
No radiographic evidence of {f}.
No evidence whatsoever of {f}.
No evidence on this film of {f}.
No findings to suggest {f}.
No findings of {f}.
This excludes {f}.
This effectively rules out {f}.
{F} is excluded.
{F} has been excluded.
{F} excluded.
{F} is ruled out.
Complete resolution of {f}.
Interval resolution of {f}.
The film does not show {f}.
The study doesn't demonstrate {f}.
The lungs show no {f}.
Neither lung shows {f}.
None of the following: {f}.
Nil {f}.
Not a hint of {f}.
No hint of {f}.
No trace of {f}.
No recurrence of {f}.
No reaccumulation of {f}.
No development of {f}.
No interval development of {f}.
Unremarkable, no {f}.
Not suggestive of {f}.
Not consistent with {f}.
Not compatible with {f}.
Not indicative of {f}.
There is no suspicious {f}.
There is no CXR evidence of {f}.
No {f} is evident.
No {f} can be seen.
No {f} could be identified.
No obvious {f}.
No e/o {f}.
{F} is nowhere to be seen.
{F} not identified.
{F}, none.
There is nothing to indicate a {f}.
No {f} was detected.
Exam negative for {f}.
We did not find {f}.
The examination fails to reveal {f}.
There does not appear to be a {f}.
There doesn't appear to be any {f}.
There is no longer any {f}.
Lungs are free of {f}.
The previously seen {f} has gone.
The {f} seen on the prior film has resolved.
I can see no {f}.
{F} has been ruled out.
Not showing any {f}.
No {f} seen on today's film.
Absent {f}.
Neither {f} nor mass.
{F} is not in evidence.
{F}: not identified.
There are no signs of a {f}.
We see no {f}.
{F} isn't identified.
{F} is not detected.
No {f} is appreciated.
{F} hasn't been seen.
There aren't signs of {f}.
{F} has completely cleared.
Absence of any {f}.
The chest is free of {f}.
No further {f}.
{F} has fully resolved.
Nil evidence of {f}.
{F} not evident.
"""


@pytest.mark.parametrize("sentence", DENIED.strip().splitlines())
def test_a_denial_in_any_form_is_one(sentence: str) -> None:
    assert set(labels_of(sentence)) == {0}


NOT_ON_THE_EARLIER_FILM = """
{F}, not evident on the prior film.
{F}, not seen on the previous radiograph.
{F} not seen previously.
{F}, not previously seen.
{F} was not seen on the earlier study.
{F} was not present yesterday.
{F} that was not present on the prior.
{F}, which was not seen on the prior examination.
{F}, which was not there before.
{F}, which was not visible on yesterday's film.
{F}, absent on the prior.
{F}, absent on the previous examination.
{F} was absent on the earlier film.
{F} not visible on the last film.
{F} not identified on the comparison study.
{F} not appreciated on the study from 3 days ago.
{F}, not seen 2 days ago.
{F}, not present on 5/6/2010.
{F}, not seen at that time.
{F}, not noted before.
{F} not described previously.
{F}, not reported on the prior.
{F}, previously not seen.
{F}, previously absent.
{F}, not clearly visible on the prior CT.
{F} was not evident previously.
{F} wasn't there yesterday.
{F} wasn't seen on the prior film.
{F}, new since the prior.
{F}, new from prior.
{F} is new compared to the prior.
New {f}, not seen on the prior study.
New {f} which was not present on the study of last week.
Interval development of {f}, not seen on prior.
There is {f} that was not seen yesterday.
There is a {f} not present on the prior.
There is {f}, not identified previously.
{F} not definitely seen on the prior.
{F}, not apparent on the most recent film.
{F} is now seen, not present on the earlier exam.
{F}, not demonstrated on the preceding radiograph.
{F}, which could not be seen on the previous film.
{F}, not seen on outside films.
{F} (not present on prior).
{F} (not seen previously).
{F} - not seen on prior.
{F}, in retrospect not present on the prior.
{F}, not present on admission.
{F}, not seen on the initial radiograph.
{F} is present which was not visible on the prior.
{F}, not there yesterday.
{F} was not apparent on the earlier chest film.
{F}, not seen on last week's study.
There is now {f} that was not evident before.
{F}, not identified on the radiograph of 3/4/2012.
The {f} was not visible on the previous examination.
{F} not evident on priors.
{F}, which wasn't present yesterday.
{F}, not visualized on the prior study.
{F}, not evident on the earlier radiograph.
The {f} was not seen on the prior chest film.
{F} not seen on prior.
New {f}, absent from the prior film.
"""


@pytest.mark.parametrize("sentence", NOT_ON_THE_EARLIER_FILM.strip().splitlines())
def test_what_an_earlier_film_did_not_show_is_present_now(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}


CONCEDED = """
No {f}, although sensitivity to detect {f} is diminished.
No {f}, although evaluation for {f} is limited.
No {f} is seen, though assessment for {f} is limited by rotation.
No {f}, but sensitivity for {f} is low.
No obvious {f}, however the supine position limits evaluation for {f}.
No {f}, which limits nothing.
No {f}; assessment of {f} is limited.
No {f} identified within the limits of a supine film.
No large {f} given portable technique.
No {f}, noting limited sensitivity for {f}.
No {f}, although supine films have limited sensitivity for {f}.
No {f}. The film is of limited value for the detection of {f}.
No {f}, acknowledging that supine radiographs may miss {f}.
No {f}, although supine technique limits evaluation for {f}.
No {f}, but assessment for {f} is limited on this view.
No {f} although small {f} could be missed.
No {f} seen, recognizing the limited sensitivity of the exam for {f}.
No {f}, although sensitivity for {f} is limited on a supine film.
No {f}, but rotation limits evaluation of {f}.
No {f}, although {f} is difficult to detect on supine films.
"""


@pytest.mark.parametrize("sentence", CONCEDED.strip().splitlines())
def test_how_well_a_film_shows_it_changes_no_denial(sentence: str) -> None:
    assert set(labels_of(sentence)) == {0}


@pytest.mark.parametrize(
    ("text", "absent", "present"),
    [
        ("Effusion is unchanged and pneumothorax is absent.", "Pneumothorax", "Pleural Effusion"),
        ("There is an effusion and pneumothorax is absent.", "Pneumothorax", "Pleural Effusion"),
        (
            "The pneumothorax is larger and the effusion has resolved.",
            "Pleural Effusion",
            "Pneumothorax",
        ),
        ("Effusion is small, pneumothorax is not seen.", "Pneumothorax", "Pleural Effusion"),
    ],
)
def test_a_denial_behind_a_clause_of_its_own_leaves_the_clause_before(
    text: str, absent: str, present: str
) -> None:
    labels = label_report(text)
    assert (labels[absent], labels[present]) == (0, 1)


def test_a_denial_behind_a_shared_verb_denies_both() -> None:
    labels = label_report("Effusion and pneumothorax are absent.")
    assert (labels["Pleural Effusion"], labels["Pneumothorax"]) == (0, 0)
