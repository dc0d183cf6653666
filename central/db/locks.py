"""The database's advisory locks, all in one place: they share one space of numbers.

The numbers are any, and stay: programs of two versions may run at once.
"""

SCHEMA = 7_201_944_012_557_731
PARTITIONS = 7_201_944_012_557_732
WATCH_LIST = 7_201_944_012_557_733
PURGE = 7_201_944_012_557_734
STREETS = 7_201_944_012_557_735
TRAVEL_TIMES = 7_201_944_012_557_736
LINKS = 7_201_944_012_557_737
