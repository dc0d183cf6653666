"""Re-ranking: each rung a module of pure functions over arrays, put together by `climb`."""
