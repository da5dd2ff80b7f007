"""Sentences of requests and histories within a text without headers."""

import pytest

from fixtures.sentences import labels_of

ASKED_OR_KNOWN = """
r/o {f}
R/O {f}.
Rule out {f}.
Please rule out {f}.
Please exclude {f}.
Kindly exclude {f}.
Exclude {f}.
To exclude {f}.
CT recommended to exclude {f}.
CT is recommended to rule out {f}.
CT could be obtained to exclude {f}.
Suggest lateral view to exclude {f}.
h/o {f}
H/o {f}.
hx {f}
Hx of {f}.
History of {f}.
Past history of {f}.
PMH of {f}.
Known history of {f}.
s/p {f}.
Status post {f}.
Follow-up {f}.
Follow up of {f}.
F/u {f}.
Followup for {f}.
Clinical question: {f}.
Clinical concern: {f}.
Indication: {f}.
Indication is {f}.
Indication for the exam is {f}.
Evaluate for {f}.
Evaluate {f}.
Assess {f}.
Assess for {f}.
Evaluation for {f}.
For evaluation of {f}.
Eval for {f}.
To evaluate for {f}.
Looking for {f}.
Look for {f}.
Check for {f}.
Concern for {f}.
Clinical concern for {f}.
Clinical suspicion of {f}.
Known {f}.
Patient with {f}.
Patient with known {f}.
Patient with a history of {f}.
Pt with {f}.
56-year-old man with {f}.
63 year old woman with {f}.
Female with {f}.
Admitted with {f}.
Presenting with {f}.
Being treated for {f}.
Treated for {f}.
Recently diagnosed with {f}.
Recent {f}.
Previous {f}.
Prior {f}.
Reason for exam: {f}.
Reason: {f}.
Request: {f}.
Question of {f} on outside film.
Query {f}.
Correlate clinically for {f}.
Monitor for {f}.
Watch for {f}.
Screening for {f}.
Screen for {f}.
Suspected {f} clinically.
Should {f} be suspected, CT.
If there is concern for {f}, CT is advised.
If {f} is suspected clinically, CT.
Worried about {f}.
Surveillance of {f}.
Repeat film to document resolution of {f}.
Follow to clearing of {f}.
Follow up to ensure resolution of {f}.
Would need CT to exclude {f}.
Must exclude {f}.
{F} should be excluded.
{F} needs to be excluded.
Please assess for {f}.
Clinical info: {f}.
Referred for {f}.
Requesting evaluation for {f}.
Evaluation of {f} is limited.
Evaluation for {f} is limited.
Limited evaluation for {f}.
Sensitivity for {f} is reduced.
Sensitivity to detect {f} is diminished.
Limits assessment for {f}.
Cannot assess for {f}.
This limits detection of {f}.
Low sensitivity for {f}.
Referred to rule out {f}.
Patient is known to have {f}.
Clinical suspicion for {f}.
Ultrasound advised to exclude {f}.
Recommend CT to rule out {f}.
Past medical history: {f}.
Patient has a history of {f}.
? clinical {f}
Follow-up for {f}.
Query {f} clinically.
In this patient with {f}, lungs are clear.
Chest film to look for {f}.
To assess for {f}.
Concern is for {f}.
Treated {f}.
Please r/o {f}.
Evaluate for interval change in {f}.
Request CT to exclude {f}.
Patient has known {f}.
Recommend ultrasound to evaluate for {f}.
Query {f}, please assess.
Follow up known {f}.
H/O {f}, now cough.
Concern for {f} clinically.
Assess resolution of {f}.
"""


@pytest.mark.parametrize("sentence", ASKED_OR_KNOWN.strip().splitlines())
def test_what_is_asked_for_or_was_is_not_said_to_be_present(sentence: str) -> None:
    assert set(labels_of(sentence)) <= {None, -1, 0}
