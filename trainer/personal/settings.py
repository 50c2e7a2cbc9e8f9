"""What a personal model's learning leaves open, each with this project's choice. No torch and no numpy here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from trainer.recipes.checks import Amount, Count, Part, Positive, Range, Refused


@dataclass(frozen=True, slots=True)
class PersonalLearningSettings:
    """The prior over what a person likes. ``aesthetic-studio-train study personal`` measures what they lead to."""

    base_trust: Annotated[float, Range(0.0, 1.0, above=True, below=True)] = 0.8
    """Belief, before any judgement, that the base model's order is the person's own; it is what keeps ten judgements
    from doing harm."""
    residuals: tuple[Positive, ...] = (0.1, 0.5, 3.0)
    """Variances that the residual may have beside the base score's 1. Each is weighed by how well it explains the
    judgements (its evidence), so that none has to be chosen."""
    slope: Positive = 0.5
    """Log-odds of preferring a photo whose base score is one standard deviation higher. Below what a photographer's
    stars show, since one person's judgements are noisy."""
    rating_weight: Positive = 1.0
    """How many comparisons one photo's stars (or flag) count as, however many photos it can be compared with."""
    reference_photos: Count = 400
    """Photos of the library, beside the judged ones, that say what is usual there and among which photos move."""
    draws: Count = 16
    """Members of the ensemble whose disagreement says what to ask next."""

    def __post_init__(self) -> None:
        if not self.residuals:
            raise Refused("residuals", "a list of one or more variances")


@dataclass(frozen=True, slots=True)
class GateSettings:
    """When a personal model takes the base's place: where it is better on judgements that it did not learn from."""

    least: Annotated[int, Range(10)] = 20
    """Fewer judgements decide nothing, and it says how many are missing."""
    folds: Annotated[int, Range(2, 20)] = 5
    """Every judged photo is held out once; frames of one series and near-duplicates together."""
    repeats: Annotated[int, Range(1, 20)] = 4
    """Partitions whose held-out comparisons are taken together."""
    level: Annotated[float, Range(0.0, 0.5, above=True, below=True)] = 0.005
    """Below which p the gain counts as more than chance. Folds learn from each other's judgements, which makes small p
    about twice too small; at this level about 1 random person in 100 gets through, as the study measures."""
    near_duplicate: Part = 0.6
    """Likeness of framing from which two photos count as one: other scenes stay below 0.5."""
    least_gain: Amount = 0.0
    """Held-out pair accuracy that must be gained at least, beside being more than chance."""
