"""The report's own words, English and Korean."""

from central.routes.verdicts import LegType
from central.routes.words import Lang

_LABELS: dict[str, tuple[str, str]] = {
    "title": ("Route report", "이동 경로 보고서"),
    "map": ("Map", "지도"),
    "stops": ("Stops", "포착 지점"),
    "legs": ("Legs", "구간"),
    "how": ("How it was searched", "수색 경위"),
    "no_map": ("No stop has a place on the map.", "지도에 위치가 있는 지점이 없습니다."),
    "camera": ("Camera", "카메라"),
    "picture": ("Picture", "사진"),
    "arrived": ("Arrived", "포착 시작"),
    "left": ("Left", "포착 끝"),
    "stayed": ("In view", "체류"),
    "clock": ("Clock", "시계"),
    "box_time": ("by the box", "장비 시각"),
    "offset": ("corrected by", "보정"),
    "unmeasured": ("never measured", "측정된 적 없음"),
    "may_be_off": ("may be off by", "오차 최대"),
    "plate": ("Plate", "번호판"),
    "sighting": ("Sighting", "포착 번호"),
    "gone": ("expired: picture and vector are gone", "보존 기간이 지나 삭제됨"),
    "lost": ("its box gave the picture up", "장비에서 사진이 삭제됨"),
    "waiting": ("the picture has not come yet", "사진이 아직 도착하지 않음"),
    "missing": ("the picture is not in the store", "저장소에 사진이 없음"),
    "no_place": ("not on the map", "지도에 없음"),
    "leg": ("Leg", "구간"),
    "type": ("Type", "판정"),
    "distance": ("Distance", "거리"),
    "straight": ("straight", "직선"),
    "time": ("Time", "시간"),
    "overlap": ("at once", "동시"),
    "speed": ("Speed", "속도"),
    "why": ("Why", "이유"),
    "explained": ("What would explain it", "가능한 원인"),
    "likely": ("likely", "유력"),
    "not_travelled": (
        "not travelled: impossible as it stands",
        "이동 불가: 그대로는 성립하지 않음",
    ),
    "walk": ("on foot", "도보"),
    "drive": ("by car or bus", "차량"),
    "purpose": ("Purpose", "목적"),
    "searched": ("Searched", "검색"),
    "by": ("Made by", "작성자"),
    "made": ("Made at", "작성 시각"),
    "printed": ("Printed at", "출력 시각"),
    "route": ("Route", "경로 번호"),
    "version": ("Version", "버전"),
    "software": ("Software", "소프트웨어"),
    "network": ("Street network", "도로망"),
    "no_network": ("none: straight lines", "없음: 직선 표시"),
    "zone": ("Times are in", "시간대"),
    "total": ("In all", "전체"),
    "log": (
        "Reading and printing this route is written to the centre's log.",
        "이 경로의 조회와 출력은 센터 기록에 남습니다.",
    ),
    "views": ("camera and its view", "카메라와 시야"),
    "none": ("-", "-"),
    "OBSERVED": ("Observed", "관측됨"),
    "UNOBSERVED": ("Not observed", "관측 안 됨"),
    "COVERAGE_GAP": ("Coverage gap", "사각지대"),
    "CONTRADICTION": ("Contradiction", "모순"),
}


def label(name: str, lang: Lang) -> str:
    """The word for `name`."""
    return _LABELS[name][lang == "ko"]


def type_label(kind: LegType, lang: Lang) -> str:
    """The word for a type of leg."""
    return label(kind.value, lang)
