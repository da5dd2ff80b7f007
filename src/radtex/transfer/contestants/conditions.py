"""What keeps a comparison from being equal, and how far it holds, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from radtex.models.encoders.timm_and_files import ELSEWHERE, names_foreign_weights
from radtex.pretraining.recipe import recipe_leaves
from radtex.transfer.contestants.contestant import Contestant, Role
from radtex.transfer.contestants.entry_syntax import LAST
from radtex.transfer.contestants.recipe_facts import LABEL_FIELDS, recipe_facts, same_recipe

_PRETRAINED: tuple[Role, ...] = ("radtex", "supervised", "rival", "control")
_NAMED_BY_ROLE: tuple[Role, ...] = ("radtex", "supervised")
_WITHOUT_PATIENTS: tuple[Role, ...] = ("imagenet", "random", "floor")
_RUNS_FOR_A_CLAIM = 3
_FOR_ALL = (None, "augmentation", "optimization", "training")
"""Sections of a recipe that every objective has."""
_WITHOUT_TEXT = ("supervised", "vicreg")
_COMPARED_ELSEWHERE = (
    "architecture", "steps", "input size", "targets", "objective", "learns labels",
)  # fmt: skip
_WORDS = {"init": "initialisation", "corpus": "corpus (content hash)"}


def inequalities(contestants: Sequence[Contestant], image_size: int) -> list[str]:
    """Say in sentences what differs between the contestants beside what they learnt from."""
    encoders = [contestant for contestant in contestants if contestant.role != "floor"]
    compared: dict[str, dict[str, Any]] = {
        "architecture": {each.name: each.description.get("architecture") for each in encoders},
        "steps": {each.name: each.description.get("steps") for each in encoders},
        "input size": {each.name: each.takes.size for each in encoders},
        "layers": {
            each.name: " or ".join(map(str, each.description.get("layers", [LAST])))
            for each in encoders
        },
        **_of_recipes(encoders),
    }
    sentences = []
    for what, values in compared.items():
        known = {name: str(value) for name, value in values.items() if value is not None}
        if len(set(known.values())) > 1:
            listed = ", ".join(f"{name} {value}" for name, value in known.items())
            sentences.append(f"Encoders differ in {what}: {listed}.")
    other_sizes = [
        f"{contestant.name} {contestant.takes.size}"
        for contestant in encoders
        if contestant.takes.size != image_size
    ]
    if other_sizes:
        sentences.append(
            f"The images are {image_size} px wide, and resized for encoders made for another "
            f"size (px): {', '.join(other_sizes)}."
        )
    resized = {
        contestant.name: contestant.takes.interpolation
        for contestant in encoders
        if contestant.takes.size != image_size
    }
    if len(set(resized.values())) > 1:
        listed = ", ".join(f"{name} {value}" for name, value in resized.items())
        sentences.append(f"They are resized each as its maker does: {listed}.")
    elsewhere = [
        f"{contestant.name} ({contestant.description['weights']})"
        for contestant in contestants
        if contestant.description.get("trained") == ELSEWHERE
    ]
    if elsewhere:
        sentences.append(
            "Trained elsewhere, on images, with intensity and for steps that are not those of the "
            f"other encoders: {', '.join(elsewhere)}."
        )
    return sentences


def _of_recipes(contestants: Sequence[Contestant]) -> dict[str, dict[str, str]]:
    """By field of a recipe, each run's value in words, where all of these runs have the field.

    What belongs to an objective alone, such as its decoder, is compared within that objective, and
    what is read among those that read.
    """
    facts = {each.name: [recipe_facts(part) for part in each.parts] for each in contestants}
    facts = {name: of_parts for name, of_parts in facts.items() if all(of_parts)}
    sections = {name: section for name, (section, _) in recipe_leaves().items()}
    compared: dict[str, dict[str, str]] = {}
    for field in dict.fromkeys(field for parts in facts.values() for field in parts[0]):
        if field in _COMPARED_ELSEWHERE:
            continue
        section = sections.get(field)
        for scope, names in _scopes(field, section, facts):
            words = _WORDS.get(field, field.replace("_", " "))
            if section in ("augmentation", "text"):
                words = f"{section} ({words})"
            compared[words + scope] = {
                name: " or ".join(dict.fromkeys(_shown(field, each) for each in facts[name]))
                for name in names
            }
    return compared


def _scopes(
    field: str, section: str | None, facts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[tuple[str, list[str]]]:
    """The runs among which a field is compared, each set with what is said behind the field."""
    objective = {name: str(parts[0]["objective"]) for name, parts in facts.items()}
    if field in LABEL_FIELDS:
        yield "", [name for name, parts in facts.items() if parts[0]["learns labels"]]
    elif section in _FOR_ALL:
        yield "", list(facts)
    elif section == "text":
        yield "", [name for name in facts if objective[name] not in _WITHOUT_TEXT]
    else:
        for own in dict.fromkeys(objective.values()):
            yield f" ({own})", [name for name in facts if objective[name] == own]


def _shown(field: str, facts: Mapping[str, Any]) -> str:
    value = str(facts.get(field))
    return value[:8] if field == "corpus" else value


def mismatches(contestants: Sequence[Contestant], selections: Mapping[str, Any]) -> list[str]:
    """Say in sentences where images were made another way than an encoder's, or may be its own.

    Args:
        contestants: the encoders.
        selections: of each of "pool" and "test", its `fit`, `intensity`, `shares_patients_with`
            and, where known, `namespaces` of patients.
    """
    sentences = []
    for what in ("intensity", "fit"):
        for role, selection in selections.items():
            others = [
                f"{contestant.name} {contestant.description[what]}"
                for contestant in contestants
                if contestant.description.get(what, selection[what]) != selection[what]
            ]
            if others:
                sentences.append(
                    f"The {role}'s images were made with {what} {selection[what]}, those that "
                    f"encoders learnt from otherwise: {', '.join(others)}."
                )
    for role, selection in selections.items():
        suspects = [
            contestant.name
            for contestant in contestants
            if set(contestant.description.get("namespaces", ())) & _reach(contestant, selection)
        ]
        if suspects:
            sentences.append(
                f"Patients of the {role} may have been seen in pretraining, and no public table "
                f"tells which: {', '.join(suspects)}."
            )
    return sentences


def _reach(contestant: Contestant, selection: Mapping[str, Any]) -> set[str]:
    """Namespaces in which a patient of the selection may have been met without our knowing.

    Of an encoder whose patients are known by their hashes, the selection's own are checked already.
    """
    shared = set(selection["shares_patients_with"])
    return shared if contestant.patients else shared.union(selection.get("namespaces", ()))


def reservations(contestants: Sequence[Contestant]) -> list[str]:
    """Say in sentences how far the results hold beyond these very runs."""
    sentences = []
    names_by_count: dict[int, list[str]] = {}
    for recipe in _recipes(contestants):
        runs = len({seed for contestant in recipe for seed in _seeds(contestant)})
        if runs < _RUNS_FOR_A_CLAIM:
            role = recipe[0].role
            alone = all(each in recipe for each in contestants if each.role == role)
            by_role = role in _NAMED_BY_ROLE and alone
            names = [role] if by_role else [each.name for each in recipe]
            names_by_count.setdefault(runs, []).extend(names)
    for runs, names in sorted(names_by_count.items()):
        count = "one pretraining run" if runs == 1 else "two pretraining runs"
        each = " each" if len(names) > runs else ""
        sentences.append(f"Results for {', '.join(names)} are{each} conditional on {count}.")
    unknown = [
        contestant.name
        for contestant in contestants
        if contestant.role not in _WITHOUT_PATIENTS and not contestant.patients
    ]
    unknown += [
        contestant.name
        for contestant in contestants
        if contestant.patients and names_foreign_weights(str(contestant.description.get("init")))
    ]
    if unknown:
        sentences.append(
            "Their patients are unknown, so nothing shows that they never saw the pool or the "
            f"test: {', '.join(unknown)}."
        )
    return sentences


def _recipes(contestants: Sequence[Contestant]) -> list[list[Contestant]]:
    """The pretrained contestants, those of one recipe together."""
    recipes: list[list[Contestant]] = []
    for contestant in contestants:
        if contestant.role in _PRETRAINED:
            for recipe in recipes:
                if recipe[0].role == contestant.role and _of_one(recipe[0], contestant):
                    recipe.append(contestant)
                    break
            else:
                recipes.append([contestant])
    return recipes


def _of_one(one: Contestant, other: Contestant) -> bool:
    """Whether two are of one recipe; what is no run of ours is told by its role alone."""
    if any(recipe_facts(part) for each in (one, other) for part in each.parts):
        return same_recipe(one, other)
    return True


def _seeds(contestant: Contestant) -> list[str]:
    """What tells its runs apart."""
    return [
        str([(part.name, part.description.get("seed")) for part in run.parts])
        for run in contestant.seeds or (contestant,)
    ]
