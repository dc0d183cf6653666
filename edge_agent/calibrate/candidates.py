"""What could play each role on this box: the models whose weights are here, as they can run."""

from collections.abc import Iterator

from edge_agent.calibrate.proposal import Candidate
from edge_agent.model_settings import EMBEDDERS, ModelSettings, RoleName, RoleSettings
from models.attributes.colour_reader import COLOUR_READERS
from models.catalogue import Entry, is_quantised
from models.store import ModelStore
from models.weights import FileState

_MOST_THREADS = 4
_WITH_OTHERS = frozenset({"two_wheeler_embedder", "plate_detector"})
"""Roles that are not chosen by themselves: the vehicles' embedder and the plate reader's finder."""


def candidates(chosen: ModelSettings, store: ModelStore, cores: int) -> list[Candidate]:
    """Every way to play the roles of `chosen` on a machine of `cores`.

    Detectors are exchanged freely, as long as they see every class that is sent. Embedders are
    not: vectors of another space would find nothing of what other boxes send, so only models of
    the same space are considered. Nor are readers, whose words differ. INT8 that is not the model's
    own choice counts only where its quality was measured, or where it is in use.

    Raises:
        ModelError: a model of `chosen` is not in the catalogue.
    """
    looker = _Looker(chosen, store)
    return [
        Candidate(role, settings.model_copy(update={"threads": threads}), quality)
        for role, now in chosen_roles(chosen).items()
        for settings, quality in looker.ways(now)
        for threads in _threads(settings, cores)
    ]


def chosen_roles(chosen: ModelSettings) -> dict[RoleName, RoleSettings]:
    """The roles that a model is chosen for, and who plays them now."""
    return {role: now for role, now in chosen.roles.items() if role not in _WITH_OTHERS}


def _threads(settings: RoleSettings, cores: int) -> list[int]:
    return [1] if settings.name in COLOUR_READERS else sorted({1, min(cores, _MOST_THREADS)})


class _Looker:
    """Looks in `store` for what could play the roles of `chosen`."""

    def __init__(self, chosen: ModelSettings, store: ModelStore) -> None:
        self._store = store
        self._sent = {kind for kind, role in EMBEDDERS.items() if role in chosen.roles}

    def ways(self, now: RoleSettings) -> Iterator[tuple[RoleSettings, float | None]]:
        """Every way to play the role that `now` plays, and how good it is."""
        if now.name in COLOUR_READERS:
            yield now, None
            return
        for entry in self._rivals(self._store.catalogue.entry(now.name)):
            for precision in self._precisions(entry, now):
                for runtime in entry.variants[precision].runtimes or entry.runtimes:
                    settings = RoleSettings(
                        name=entry.name, runtime=runtime, precision=precision, device=now.device
                    )
                    yield settings, entry.quality_at(precision)

    def _rivals(self, entry: Entry) -> list[Entry]:
        """`entry` and what may take its place."""
        known = self._store.catalogue.models
        if entry.detection is not None:
            return [other for other in known if self._sees_enough(other)]
        if entry.embedding is not None:
            space = entry.embedding.space
            return [other for other in known if other.embedding and other.embedding.space == space]
        return [entry]

    def _sees_enough(self, entry: Entry) -> bool:
        return entry.detection is not None and self._sent <= set(entry.detection.classes.values())

    def _precisions(self, entry: Entry, now: RoleSettings) -> list[str]:
        here = self._store.verify(entry.name)
        in_use = now.precision if entry.name == now.name else None
        return [
            precision
            for precision, variant in entry.variants.items()
            if precision in {entry.precision, in_use}
            or not is_quantised(precision)
            or entry.quality_at(precision) is not None
            if all(here[file] is FileState.GOOD for file in variant.files)
        ]
