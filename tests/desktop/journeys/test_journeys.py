"""The journeys of a photographer, as `features/` tells them."""

from __future__ import annotations

from pytest_bdd import scenarios

scenarios("features/culling.feature", "features/bursts.feature", "features/complaints.feature")
