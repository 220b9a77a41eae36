"""The numbers that the engine works with."""

from shared.domain.field_rules import LabelField, NumberField
from shared.domain.robustness import Robustness as Policy

__all__ = ["LabelField", "NumberField", "Policy"]
