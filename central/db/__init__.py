"""The system of record: PostgreSQL with PostGIS, through SQLAlchemy Core."""
