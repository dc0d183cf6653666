"""Reasons as sentences, English and Korean. Figures are rounded here, and only here."""

from collections.abc import Mapping
from typing import Literal

Lang = Literal["en", "ko"]

_SENTENCES: dict[str, tuple[str, str]] = {
    "same_view": (
        "in the view of the same camera again after {seconds}",
        "{seconds} 만에 같은 카메라에 다시 보임",
    ),
    "twice": (
        (
            "twice in one view at once, for {seconds}: one who was tracked as two, or one of the "
            "two is somebody else; look at the pictures of {camera}"
        ),
        (
            "한 화면에 {seconds} 동안 동시에 두 번 보임: 한 사람이 둘로 추적되었거나 하나는 "
            "다른 사람, {camera} 영상 확인 필요"
        ),
    ),
    "also": (
        "stop {stop}, at {camera}, lasted longer than the one before, and nobody gets from there",
        "{stop}번 지점({camera})이 직전 지점보다 늦게까지 이어져 거기서는 올 수 없음",
    ),
    "both_views": (
        "in both views at once for {seconds}; the cameras are {metres} apart",
        "두 카메라에 {seconds} 동안 동시에 보임, 카메라 사이 {metres}",
    ),
    "adjacent": (
        (
            "the views are {apart} apart on the way ({most} at most), and {seconds} fit it, which "
            "usually takes {usual}"
        ),
        "두 시야 사이 {apart} (최대 {most}), 걸린 시간 {seconds}, 보통 {usual}",
    ),
    "passed": (
        (
            "passes the views of {cameras}, which did not report it ({unseen} of {metres} are in "
            "no view): look at these cameras again, or it took another way"
        ),
        (
            "{cameras} 시야를 지나지만 포착되지 않음 ({metres} 중 시야 밖 {unseen}), 해당 카메라 "
            "재확인 필요, 또는 다른 길로 감"
        ),
    ),
    "own_views": (
        (
            "the way lies wholly in the two cameras' own views, which did not have it for "
            "{seconds}: it was out of all views meanwhile, or they missed it: look at them again"
        ),
        (
            "두 카메라 시야 안의 길에서 {seconds} 동안 포착되지 않음: 그동안 모든 시야 밖에 "
            "있었거나 놓침, 재확인 필요"
        ),
    ),
    "gap": (
        (
            "{unseen} of {metres} are in no camera's view, and no other working camera looks at "
            "it between the two views"
        ),
        "{metres} 중 {unseen} 구간을 보는 카메라가 없음",
    ),
    "silent": (
        "{cameras} would look at it, but sent nothing around that time although usually busy",
        "{cameras} 시야이지만 그 시각 전후로 아무것도 보내지 않음 (고장 추정)",
    ),
    "too_fast": (
        (
            "{metres} in {seconds}: too fast, the least it takes is {needed}, and the clocks "
            "account for {clock} at most"
        ),
        "{metres}를 {seconds}에 이동: 불가능, 최소 {needed} 필요 (시계 오차 최대 {clock})",
    ),
    "two_places": (
        (
            "in two places {metres} apart at once for {seconds}; the clocks account for {clock} at "
            "most"
        ),
        "{metres} 떨어진 두 곳에 {seconds} 동안 동시에 있음 (시계 오차 최대 {clock})",
    ),
    "by_vehicle": (
        "too far on foot, which usually takes {usual}: by car or bus",
        "도보로는 보통 {usual} 걸려 불가능: 차량 또는 버스 이용",
    ),
    "faster_than_streets": (
        (
            "faster than any street known here allows, though not impossible: over open ground, or "
            "where the network lacks a way"
        ),
        "알려진 도로로는 빠듯함: 공터를 가로질렀거나 도로망에 없는 길",
    ),
    "stayed": (
        "{spare} more than the way usually takes ({usual}): stayed somewhere, or went another way",
        "보통({usual})보다 {spare} 더 걸림: 어딘가 머물렀거나 다른 길로 감",
    ),
    "no_network": (
        "no street network is imported: a straight line stands for the way",
        "도로망이 없어 직선으로 표시",
    ),
    "no_way": (
        "the streets known here do not join the two places: a straight line stands for the way",
        "도로망에서 두 지점이 이어지지 않아 직선으로 표시",
    ),
    "no_place": (
        "a camera has no place on the map: nothing is known of the way",
        "지도에 위치가 없는 카메라가 있어 경로를 알 수 없음",
    ),
    "assumed": (
        "what {cameras} see is not known, {assumed} around them are taken",
        "{cameras} 시야를 몰라 반경 {assumed}로 가정",
    ),
    "unmeasured": (
        "the clock of {boxes} was never measured and may be off by {clock}",
        "{boxes} 시계 오차가 측정되지 않음 (최대 {clock}로 가정)",
    ),
    "order": (
        "which of the two came first is within what the clocks may be off, {clock}",
        "시계 오차({clock}) 안이라 앞뒤 순서가 확실하지 않음",
    ),
    "before_types": (
        "kept before legs were judged: a straight line stands for the way",
        "구간 판정 이전에 저장됨: 직선으로 표시",
    ),
    "clock_unmeasured": (
        (
            "the clock of {slow} is {seconds} or more behind that of {fast}; never measured: "
            "{unmeasured}"
        ),
        "{slow} 시계가 {fast} 시계보다 {seconds} 이상 느림 (측정된 적 없음: {unmeasured})",
    ),
    "clock_measured": (
        (
            "the clock of {slow} is {seconds} or more behind that of {fast}, though both were "
            "measured"
        ),
        "{slow} 시계가 {fast} 시계보다 {seconds} 이상 느림 (둘 다 측정되었음)",
    ),
    "cloned_plate": (
        "two vehicles carry the plate {before}: it was copied",
        "같은 번호판 {before}을 단 차량이 둘: 번호판 복제",
    ),
    "other_plate": (
        "one of the two was confirmed wrongly: the plates are {before} and {after}",
        "둘 중 하나가 잘못 확인됨: 번호판이 {before}, {after}로 다름",
    ),
    "wrong_confirmation": (
        "one of the two was confirmed wrongly",
        "둘 중 하나가 잘못 확인됨",
    ),
}
_METRES = frozenset({"metres", "apart", "most", "unseen", "assumed"})
_SECONDS = frozenset({"seconds", "usual", "clock", "needed", "spare"})
_FEW_S = 10
_MINUTE_S = 60
_HOUR_S = 3_600
_KILOMETRE = 1_000


def sentence(code: str, figures: Mapping[str, float | str], lang: Lang = "en") -> str:
    """What `code` says, with its figures."""
    told = {name: _figure(name, value, lang) for name, value in figures.items()}
    return _SENTENCES[code][lang == "ko"].format(**told)


def metres(value: float) -> str:
    """`value` metres as people write it."""
    return f"{value:.0f} m" if value < _KILOMETRE else f"{value / _KILOMETRE:.1f} km"


def lasting(seconds: float, lang: Lang = "en") -> str:
    """So many seconds as people write it; fractions of those that are few."""
    hour, minute, second = ("시간", "분", "초") if lang == "ko" else (" h", " min", " s")
    if seconds < _FEW_S:
        return f"{seconds:.1f}".removesuffix(".0") + second
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.0f}{second}"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f}{minute}"
    return f"{seconds / _HOUR_S:.1f}{hour}"


def _figure(name: str, value: float | str, lang: Lang) -> str:
    if isinstance(value, str):
        return value
    return metres(value) if name in _METRES else lasting(value, lang)
