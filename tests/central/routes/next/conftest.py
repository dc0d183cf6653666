from tests.central.asking import centre, index
from tests.central.routes.conftest import town

__all__ = ["centre", "index", "town"]
