"""Configuration of a city's broker: TLS with client certificates, and what each may write."""
