"""Sentences that cannot exclude, and those that only look like a denial."""

import pytest

from fixtures.sentences import labels_of

NOT_EXCLUDED = """
{F} cannot be ruled out.
Unable to exclude {f}.
?{f}
? {f}
?? {f}
{F}?
{F} can not be excluded.
{F} could not be excluded.
{F} couldn't be ruled out.
{F} cannot be entirely excluded.
{F} cannot be confidently excluded.
{F} cannot be reliably excluded.
{F} cannot be excluded with certainty.
{F} is not excluded.
{F} is not entirely excluded.
{F} isn't excluded.
{F} has not been excluded.
{F} would be hard to exclude.
{F} is difficult to rule out.
{F} is impossible to exclude.
It is difficult to exclude {f}.
Difficult to exclude {f}.
Hard to exclude a {f}.
Impossible to rule out {f}.
We are unable to exclude {f}.
I cannot exclude {f}.
I can't rule out {f}.
One cannot exclude {f}.
This does not exclude {f}.
This doesn't rule out {f}.
Exclusion of {f} is not possible.
Exclusion of {f} is difficult.
Excluding {f} is difficult.
The possibility of {f} cannot be excluded.
The possibility of {f} is raised.
Possibility of {f}.
The presence of {f} cannot be excluded.
{F} remains a possibility.
{F} is a possibility.
{F} is possible.
{F} is not out of the question.
{F} may be present.
{F} might be present.
{F} could be present.
May represent {f}.
Might reflect {f}.
Could be {f}.
Findings could be due to {f}.
Possibly {f}.
Query {f} at the base.
Question {f}.
Questionable {f}.
Equivocal {f}.
Equivocal for {f}.
Indeterminate for {f}.
{F} is questioned.
{F} is suspected.
Suspected {f}.
{F} should be considered.
Consider {f}.
Cannot completely exclude {f}.
Can't entirely exclude underlying {f}.
Superimposed {f} is not excluded.
Underlying {f} not excluded.
Granuloma versus {f}.
Granuloma vs. {f}.
Granuloma vs {f}.
Granuloma or possibly {f}.
Inability to exclude {f}.
Not able to exclude {f}.
{F} not definitely excluded.
{F} cannot be dismissed.
{F} can't be discounted.
Unclear whether there is {f}.
Suggestion of {f}.
Suspicion of {f}.
Concern for {f}.
Not possible to exclude {f}.
It is not possible to rule out {f}.
Insufficient to exclude {f}.
{F} unlikely but not excluded.
{F} is unlikely.
Doubtful {f}.
Either scarring or {f}.
Would be difficult to exclude {f}.
There may be {f}.
There might be a small {f}.
Perhaps {f}.
Presumed {f} cannot be excluded.
{F} cannot be excluded on this film.
{F} in this region can't be excluded.
{F} at the left base cannot be excluded.
A small {f} on the left is not excluded.
{F} cannot be excluded on this portable film.
{F} would be impossible to exclude.
Cannot definitively exclude early {f}.
Findings cannot exclude {f}.
We can neither confirm nor exclude {f}.
{F} is a consideration.
{F} not entirely ruled out.
Possible {f} at the right base.
{F} is not completely ruled out.
Appearances may be due to {f}.
{F} is questionable.
A component of {f} cannot be excluded.
Early {f} is difficult to exclude.
It is hard to rule out an element of {f}.
The study is insufficient to exclude {f}.
Findings are equivocal for {f}.
? early {f}
{F} (?).
Ill-defined density, ?{f}.
Differential includes {f}.
{F} can't be entirely ruled out.
An underlying {f} cannot be excluded.
Cannot exclude an early {f} in the left lower zone.
Difficult to definitively rule out {f}.
{F} not able to be excluded.
{F} is hard to exclude.
It would be difficult to exclude {f}.
The radiograph does not rule out {f}.
Findings possibly representing {f}.
?{f} at the left base.
This may well be {f}.
{F} is not completely excluded.
Questionable small {f}.
{F} or scarring cannot be excluded.
{F} may also be present.
Possibility of underlying {f} is not excluded.
"""


@pytest.mark.parametrize("sentence", NOT_EXCLUDED.strip().splitlines())
def test_what_cannot_be_excluded_is_uncertain(sentence: str) -> None:
    assert set(labels_of(sentence)) == {-1}


NOT_DOUBTED = """
No doubt {f}.
There is no doubt that there is {f}.
There is no doubt of {f}.
Without doubt, {f}.
Without a doubt, there is {f}.
Without any doubt {f}.
Undoubtedly {f}.
Undoubted {f}.
Doubtless {f}.
Not only {f} but also emphysema.
Not only is there {f}, there is emphysema.
Not just {f}.
Not merely {f}.
Not simply {f}.
There is no question of the {f}.
There is no question that {f} is present.
Without question there is {f}.
Beyond doubt there is {f}.
Unquestionably {f}.
No uncertainty about the {f}.
No mistaking the {f}.
No denying the {f}.
Certainly {f}.
Definite {f}.
Not without {f}.
Not insignificant {f}.
A not insignificant {f}.
No reason to doubt {f}.
No less than moderate {f}.
Nothing but {f}.
Nothing more than {f}.
Not limited to {f}.
There can be no doubt about the {f}.
There is little doubt about {f}.
{F} is not in doubt.
{F} is beyond doubt.
{F} is without doubt present.
{F} is no doubt present.
{F}, no doubt.
{F}, without doubt.
{F} is undoubtedly there.
Unequivocal {f}.
Not unexpectedly, there is {f}.
Not surprisingly, {f} is present.
There is no doubt about the {f}.
Not only is {f} present, it has increased.
Without any question, {f} is present.
{F} is undoubtedly present.
No room for doubt: {f}.
The {f} is not subtle.
There is no doubt this is {f}.
Without a shadow of a doubt there is {f}.
Not only {f} but scarring.
No doubt there is {f}.
{F} is unquestionably present.
"""


@pytest.mark.parametrize("sentence", NOT_DOUBTED.strip().splitlines())
def test_what_is_not_doubted_is_present(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}


APART_FROM = """
No acute abnormality apart from {f}.
No acute abnormality besides {f}.
No acute abnormality aside from the {f}.
No acute abnormality with the exception of {f}.
No acute abnormality except {f}.
No acute abnormality, except for small {f}.
No acute findings other than the {f}.
No other abnormality than {f}.
No abnormality save for {f}.
No abnormality but for {f}.
No abnormality bar {f}.
No abnormality barring {f}.
No abnormality excepting {f}.
No abnormality outside of {f}.
Nothing apart from {f}.
Nothing other than {f}.
Nothing else besides {f}.
Nothing acute aside from {f}.
Not normal, apart from {f}.
Apart from {f}, no acute abnormality.
Aside from {f}, lungs are clear.
Other than {f}, no abnormality is seen.
Except for {f}, the chest is normal.
Besides {f}, there is no abnormality.
With the exception of {f}, no abnormality.
In addition to {f}, no other abnormality.
Beyond {f}, no acute process.
No acute process in addition to {f}.
No acute process over and above the {f}.
No new abnormality on top of the {f}.
No further abnormality aside from the known {f}.
No abnormality as well as {f}.
No change apart from {f}.
No change other than {f}.
No change, apart from the {f}.
No abnormality not counting the {f}.
No abnormality excluding the {f}.
Lungs clear apart from {f}.
Without abnormality other than {f}.
No mass apart from {f}.
No mass, other than {f}.
No mass (apart from {f}).
Excepting {f}, the chest is normal.
Excluding {f}, no abnormality.
Save for {f}, unremarkable.
No abnormality, barring {f}.
There is no acute disease in the chest other than {f}.
Not a single abnormality other than {f}.
No acute cardiopulmonary abnormality aside from mild {f}.
Normal chest except for {f}.
Clear lungs other than {f}.
No abnormalities with the exception of the {f}.
Nothing acute other than {f}.
No abnormality detected besides the {f}.
No interval change other than increased {f}.
There is nothing of note beyond the {f}.
No acute finding apart from the known {f}.
The lungs are clear except for {f}.
Otherwise normal, other than {f}.
No abnormality seen besides {f}.
No other findings aside from stable {f}.
Excluding the {f}, the study is normal.
No acute abnormality, with the exception of small {f}.
"""


@pytest.mark.parametrize("sentence", APART_FROM.strip().splitlines())
def test_what_is_named_as_an_exception_is_present(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}
