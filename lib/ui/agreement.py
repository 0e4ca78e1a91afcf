"""How the guide's advice and the verdict on somebody's rows stand to each other. Pure."""

from enum import StrEnum

from lib.content.approaches import Approach
from lib.content.decide import Recommendation
from lib.verdict.facts import Verdict

_MEASURED = {
    "prompt": {Approach.PROMPT, Approach.FEW_SHOT},
    "classic": {Approach.SPECIALIST},
    "lora": {Approach.LORA},
}
"""What an outcome speaks for. Looking things up and full fine-tuning are not measured."""


class Agreement(StrEnum):
    """The cases, by the names that their sentences have in `content/case.yaml`."""

    SAME = "same"
    NEAR = "near"
    """The rows' choice is among those that the guide thinks worth trying."""
    DIFFER = "differ"
    UNTESTED = "untested"
    UNCLEAR = "unclear"


def agreement(advice: Recommendation, verdict: Verdict) -> Agreement:
    """Return whether the rows bear the advice out."""
    if verdict.outcome not in _MEASURED:
        return Agreement.UNCLEAR
    spoken_for = _MEASURED[verdict.outcome]
    if advice.leader in spoken_for:
        return Agreement.SAME
    if advice.leader not in set().union(*_MEASURED.values()):
        return Agreement.UNTESTED
    return Agreement.NEAR if spoken_for & set(advice.picks) else Agreement.DIFFER
