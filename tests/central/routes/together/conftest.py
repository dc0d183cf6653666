from tests.central.asking import centre, index

__all__ = ["centre", "index"]
