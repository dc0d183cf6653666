from tests.central.asking import centre, index
from tests.central.watch.watching import watch

__all__ = ["centre", "index", "watch"]
