"""Sentences that speak of what has changed, and of what is new beside a denial."""

import pytest

from fixtures.sentences import labels_of

CHANGE_DENIED = """
Without significant change in the large left {f}.
No improvement in the {f}.
No appreciable interval change in the appearance of the {f}.
There has been no interval change in the size of the {f}.
There has been no meaningful worsening of the {f}.
No evidence of progression of the {f}.
No evidence for enlargement of the {f}.
Again no improvement in the {f}.
Little change in the {f}.
No real change in extent of the {f}.
No radiographic evidence of resolution of the {f}.
No clearing of the {f}.
No interval clearing of the {f} is seen.
No resolution of the {f}.
There is no discernible change in the {f}.
No demonstrable growth of the {f}.
Not much change in the {f}.
Essentially no change in the {f}.
No change to the {f}.
No alteration in the {f} is appreciated.
The {f} shows no change.
The {f} is without change.
The {f} shows no significant improvement.
{F} has not changed.
{F} has not improved.
{F} is not improved.
{F} is no better.
{F} is no worse than before.
The {f} has not resolved.
The {f} hasn't resolved.
The {f} has not cleared.
The {f} is not resolving.
The {f} does not appear to have changed.
The {f} isn't significantly changed.
The {f} persists without improvement.
Neither improvement nor worsening of the {f}.
No increase or decrease in the {f}.
No interval increase, decrease or other change in the {f}.
There is no evidence of any change in the {f} since the prior study.
Compared with yesterday, there is no change in the {f}.
No change since the previous film in the {f}.
No change compared to the prior in the {f}.
No change is seen in the {f}.
No change has occurred in the {f}.
No significant difference in the {f}.
No substantive reduction in the {f}.
No deterioration in the {f}.
No regression of the {f}.
No worsening or improvement in the {f}.
I see no change in the {f}.
We see no interval worsening of the {f}.
There hasn't been any change in the {f}.
There wasn't any improvement in the {f}.
No detectable change in volume of the {f}.
Without any interval improvement of the {f}.
Without evidence of progression of the {f}.
Nil change in the {f}.
Nil interval change to the {f}.
No gross change in the right-sided {f}.
No obvious change with regard to the {f}.
No change regarding the {f}.
No change with respect to the {f}.
No further expansion of the {f}.
Lack of improvement in the {f}.
Absence of change in the {f}.
Failure of the {f} to clear.
{F}: no change.
{F}, no interval change.
{F} - no change.
No change in the known {f}.
Heart size normal, no change in the {f}.
There is no interval {f} change.
No change in {f}.
No considerable interval progression of known {f}.
No decrease of the {f}.
The {f} is stable without interval worsening.
I cannot identify any change in the {f}.
The {f} shows no appreciable increase or decrease.
There is no suggestion of improvement in the {f}.
No meaningful reduction in the size of the {f} since the last examination.
No short-term change in the right basal {f}.
Overall no change in the {f} when compared to 2 days ago.
No visible change to the previously described {f}.
The {f} has neither increased nor decreased.
No progression of {f} or new disease.
No interval progression in the left-sided {f}.
No interval alteration of the {f}.
I do not see any progression of the {f}.
No demonstrable interval decrease in size of the {f}.
There is no radiological improvement of the {f}.
There are no changes in the {f}.
The {f} has shown no interval growth.
No obvious enlargement of the left {f}.
Without appreciable reduction in the {f}.
No clear improvement in the right lower lobe {f}.
No significant interval increase of {f}.
The degree of {f} has not changed.
No marked regression of the {f} is noted.
"""


@pytest.mark.parametrize("sentence", CHANGE_DENIED.strip().splitlines())
def test_who_denies_a_change_says_that_it_is_there(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}


CLEARED_IN_PART = """
Near-complete resolution of the right {f}.
The {f} has almost completely resolved.
The {f} has almost resolved.
The {f} has largely cleared.
The {f} has mostly resolved.
The {f} is nearly gone.
The {f} is almost gone.
The {f} has virtually disappeared.
Incomplete resolution of the {f}.
Incompletely resolved {f}.
The {f} has incompletely cleared.
The {f} has not completely resolved.
The {f} has not fully cleared.
The {f} has not yet resolved.
Partial interval clearing of the {f}.
Some clearing of the {f}.
Slight clearing of the {f}.
Interval partial clearing of {f}.
Significant interval resolution of the {f}.
Substantial clearing of the {f}.
Continued clearing of the {f}.
Gradual resolution of the {f}.
Ongoing resolution of the {f}.
Further resolution of the {f}.
Progressive clearing of the {f}.
Subtotal resolution of the {f}.
Residual {f}.
Small residual {f}.
Minimal residual {f} remains.
Resolving {f}.
Improving {f}.
The {f} is resolving.
The {f} is clearing.
The {f} has improved but not resolved.
The {f} has improved, although not completely resolved.
The {f} has practically resolved.
{F}, nearly resolved.
{F}, partially resolved.
{F} partially cleared.
Markedly improved {f}.
The {f} has all but resolved.
The {f} has for the most part resolved.
Near total resolution of the {f}.
Near resolution of the {f}.
Nearly complete clearing of the {f}.
Almost complete resolution of the {f}.
The {f} appears to be resolving.
The {f} has decreased but persists.
The {f} has partly resolved.
Partly cleared {f}.
Largely resolved {f}.
The {f} has resolved to a large extent.
There is a tiny residual {f}.
Decreasing {f}.
Reduction in the {f}.
The {f} has considerably cleared.
The {f} has somewhat cleared.
The {f} has cleared somewhat.
The {f} has cleared in part.
The {f} has resolved only partially.
Mild interval clearing of the {f}.
There has been partial clearing of the {f}.
The {f} is slowly resolving.
The {f} has slowly begun to clear.
Failure of resolution of the {f}.
The {f} has failed to resolve.
No complete resolution of the {f}.
The {f} has resolved almost entirely.
Most of the {f} has cleared.
{F} has cleared considerably.
The {f} is clearing slowly.
There has been incomplete clearing of the {f}.
Marked improvement with only minimal residual {f}.
The {f} has resolved apart from a small residual.
The {f} has nearly completely gone.
Interval near-resolution of the {f}.
{F} has improved and is now barely visible.
The {f} has partially regressed.
There is near resolution of the {f}.
The {f} has cleared to some extent.
Interval decrease but not complete resolution of the {f}.
The {f} has not entirely resolved.
Partially clearing {f}.
Only partial clearing of the {f}.
{F} almost resolved.
The {f} is much less, almost gone.
Substantially resolved {f}.
"""


@pytest.mark.parametrize("sentence", CLEARED_IN_PART.strip().splitlines())
def test_what_has_cleared_in_part_is_not_absent(sentence: str) -> None:
    assert set(labels_of(sentence)) <= {1, -1}


NEW_BESIDE_A_DENIAL = """
No mass, improving {f}.
No mass, {f} has increased.
No mass, {f} is unchanged.
No mass, {f} unchanged.
No mass, {f} persists.
No mass, stable {f}.
No mass, there is {f}.
No mass, the {f} is smaller.
No mass, the {f} has improved.
No mass, but {f} is present.
No mass, however, {f} has developed.
No mass, small {f}.
No mass, small {f} on the left.
No mass, {f} on the right.
No mass, {f} at the left base.
No mass, hazy {f} at the right base.
No mass, resolving {f}.
No mass, residual {f}.
No mass, worsening {f}.
No mass, persistent {f}.
No mass, increased {f}.
No mass, decreasing {f}.
No mass, left {f}.
No mass, moderate right {f}.
No mass, new {f}.
No mass, patchy {f}.
No mass, subsegmental {f}.
No mass and the {f} is unchanged.
No mass and there is a small {f}.
No mass and {f} has increased.
No mass and stable {f}.
No mass and improving {f}.
No mass with {f}.
No mass; {f}.
No mass; {f} is stable.
No mass while the {f} has increased.
No mass, whereas {f} has worsened.
No mass yet there is {f}.
No mass, with {f}.
No mass, only {f}.
No mass, just {f}.
No mass, {f} again seen.
No mass, {f} again noted.
No mass, {f} as before.
No mass, {f} appears larger.
No mass, {f} remains.
No mass, {f} shows improvement.
No mass, again {f}.
No mass is seen, {f} is stable.
No mass is identified, and the {f} is larger.
No mass identified, {f} larger.
Mass has resolved, {f} persists.
Without mass, {f} slightly larger.
No evidence of mass, {f} has progressed.
No mass or granuloma, {f} has progressed.
No mass or granuloma, worsening {f}.
Mass not seen, {f} stable.
No mass, although {f} is seen.
No mass, though there is {f}.
No mass, a small {f} is noted.
No mass, this {f} is new.
No mass, 2 cm {f}.
No mass, extensive {f}.
No mass, dense {f} in the left lower lobe.
No mass, slightly increased {f}.
No mass, slight interval increase in {f}.
No mass, interval development of {f}.
No mass, interval increase in the {f}.
No mass because of {f}.
No mass, interval worsening of {f}.
No mass seen, increasing {f}.
No mass, diffuse {f} unchanged from prior.
No mass, tube in place, {f} stable.
No mass, nasogastric tube in situ and {f} on the left.
No mass, slightly more prominent {f}.
No mass or cavity, and {f} is larger.
No mass, {f} having enlarged.
No evidence of mass; however the {f} persists.
Mass is absent, {f} is present.
No mass, loculated {f}.
No mass, {f} in the right mid zone.
No mass, with worsening {f}.
No mass, {f} has progressed in the interval.
No mass, and there is increasing {f}.
No mass, interval enlargement of the {f}.
No mass is visible, unchanged {f}.
No mass, {f} is again demonstrated.
No mass, {f} slightly decreased.
No mass, mild basal {f}.
No mass, chest drain in situ, {f} is smaller.
No mass, {f} is stable in size.
No mass but increasing {f}.
No mass or cavity, {f} unchanged.
"""


@pytest.mark.parametrize("sentence", NEW_BESIDE_A_DENIAL.strip().splitlines())
def test_a_denial_ends_where_something_new_begins(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}


NEITHER_HAS_CHANGED = """
Neither the {f} nor the consolidation has changed.
Neither {f} nor consolidation has improved.
Neither the consolidation nor the {f} has resolved.
Neither the consolidation nor the {f} is larger.
Neither {f} nor consolidation has changed since yesterday.
Neither the {f} nor the consolidation has cleared.
Neither {f} nor consolidation shows any change.
Neither the {f} nor the left basal consolidation has significantly increased.
Neither the {f} nor the consolidation is worse.
"""


@pytest.mark.parametrize("sentence", NEITHER_HAS_CHANGED.strip().splitlines())
def test_what_neither_has_changed_is_there(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}


NEITHER_IS_THERE = """
Neither {f} nor consolidation is seen.
Neither {f} nor consolidation has developed.
Neither consolidation nor {f} is evident.
Neither {f} nor consolidation.
There is neither {f} nor consolidation, unchanged from the prior film.
Neither {f} nor consolidation is seen, unchanged.
"""


@pytest.mark.parametrize("sentence", NEITHER_IS_THERE.strip().splitlines())
def test_what_neither_is_there_is_absent(sentence: str) -> None:
    assert set(labels_of(sentence)) == {0}
