"""Every kind of legal number, for property tests."""

from hypothesis import strategies as st

from models.plates.layouts import LETTERS, REGIONS, UNREGIONAL, PlateNumber


def _digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


BARE = st.builds(
    PlateNumber, st.just(""), _digits(2, 3), st.sampled_from(UNREGIONAL), _digits(4, 4)
)
REGIONAL = st.builds(
    PlateNumber, st.sampled_from(REGIONS), _digits(2, 2), st.sampled_from(LETTERS), _digits(4, 4)
)
NUMBERS = st.one_of(BARE, REGIONAL)
