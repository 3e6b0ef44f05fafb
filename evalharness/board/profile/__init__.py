"""What a model is like: its look, its strengths and weaknesses, its costs, its family."""

from evalharness.board.profile.model_profile import Profile
from evalharness.board.profile.profiling import profile, profiles

__all__ = ["Profile", "profile", "profiles"]
