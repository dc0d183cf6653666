/** What is said of a leg: its type, and a sentence for each reason the centre may give. */
import type { LegType } from "../api/routes";

/** The figures of a reason as they are read: "120 m", "2 min", camera names. */
export type Figures = Readonly<Record<string, string>>;
type Sentences = Readonly<Record<string, (f: Figures) => string>>;

const figure = (f: Figures, name: string) => f[name] ?? "?";

const type: Record<LegType, string> = {
  OBSERVED: "Observed",
  UNOBSERVED: "Not observed",
  COVERAGE_GAP: "Coverage gap",
  CONTRADICTION: "Contradiction",
};

const reasons: Sentences = {
  same_view: (f) => `In the view of the same camera again after ${figure(f, "seconds")}`,
  both_views: (f) =>
    `In both views at once for ${figure(f, "seconds")}; the cameras are ${figure(f, "metres")} apart`,
  adjacent: (f) =>
    `The views are ${figure(f, "apart")} apart on the way, and ${figure(f, "seconds")} fit it (usually ${figure(f, "usual")})`,
  passed: (f) =>
    `Passes the views of ${figure(f, "cameras")}, which did not report it (${figure(f, "unseen")} of ${figure(f, "metres")} are in no view), or took another way`,
  own_views: (f) =>
    `The way lies wholly in the two cameras' own views, which did not have it for ${figure(f, "seconds")}: out of all views meanwhile, or missed`,
  twice: (f) =>
    `Twice in one view at once, for ${figure(f, "seconds")}: one tracked as two, or one is somebody else`,
  also: (f) =>
    `Stop ${figure(f, "stop")}, at ${figure(f, "camera")}, lasted longer than the one before, and nobody gets from there`,
  gap: (f) => `${figure(f, "unseen")} of ${figure(f, "metres")} are in no working camera's view`,
  silent: (f) =>
    `${figure(f, "cameras")} would look at it, but sent nothing around that time although usually busy`,
  too_fast: (f) =>
    `${figure(f, "metres")} in ${figure(f, "seconds")}: the least it takes is ${figure(f, "needed")}, and the clocks account for ${figure(f, "clock")} at most`,
  two_places: (f) =>
    `In two places ${figure(f, "metres")} apart at once for ${figure(f, "seconds")}; the clocks account for ${figure(f, "clock")} at most`,
  by_vehicle: (f) => `Too far on foot, which usually takes ${figure(f, "usual")}: by car or bus`,
  faster_than_streets: () =>
    "Faster than any street known here allows: over open ground, or by a way the network lacks",
  stayed: (f) =>
    `${figure(f, "spare")} more than the way usually takes (${figure(f, "usual")}): stayed somewhere, or went another way`,
  no_network: () => "No street network is imported: a straight line stands for the way",
  no_way: () => "The streets known here do not join the two places: a straight line",
  no_place: () => "A camera has no place on the map: nothing is known of the way",
  assumed: (f) =>
    `What ${figure(f, "cameras")} sees is not known; ${figure(f, "assumed")} around it are taken`,
  unmeasured: (f) =>
    `The clock of ${figure(f, "boxes")} was never measured and may be off by ${figure(f, "clock")}`,
  order: (f) =>
    `Which of the two came first is within what the clocks may be off, ${figure(f, "clock")}`,
  before_types: () => "Kept before legs were judged: a straight line stands for the way",
  clock_unmeasured: (f) =>
    `The clock of ${figure(f, "after")} is ${figure(f, "seconds")} or more behind that of ${figure(f, "before")} (never measured: ${figure(f, "unmeasured")})`,
  clock_measured: (f) =>
    `The clock of ${figure(f, "after")} is ${figure(f, "seconds")} or more behind that of ${figure(f, "before")}, though both were measured`,
  cloned_plate: (f) => `Two vehicles carry the plate ${figure(f, "before")}: it was copied`,
  other_plate: (f) =>
    `One of the two was confirmed wrongly: the plates are ${figure(f, "before")} and ${figure(f, "after")}`,
  wrong_confirmation: () => "One of the two was confirmed wrongly",
};

export const legsEn = {
  type,
  reasons,
  leg: (from: number, to: number) => `From stop ${from} to stop ${to}`,
  atOnce: (time: string) => `${time} at once`,
  explained: "What would explain it",
  likely: "likely",
  askAgain: "Look again at",
  choose: (camera: string) => `Choose ${camera}`,
  ways: (n: number) => (n === 1 ? "1 other way" : `${n} other ways`),
  contradicted: "contradicted",
  legend: {
    heading: "Legend",
    gap: "In no camera's view",
    other: "Other ways of the leg",
    suggested: "Suggested, camera to camera",
    preview: "Not drawn yet",
    links: "Learnt link, median",
    linksFew: "Learnt link, too few trips",
    views: "What a camera sees",
  },
  layers: { heading: "Layers", views: "Camera views", links: "Learnt links" },
  noLinks: "Nothing is learnt yet: confirmed routes and plates teach it.",
};

export type LegStrings = typeof legsEn;

const reasonsKo: Sentences = {
  same_view: (f) => `${figure(f, "seconds")} 만에 같은 카메라에 다시 보임`,
  both_views: (f) =>
    `두 카메라에 ${figure(f, "seconds")} 동안 동시에 보임, 카메라 사이 ${figure(f, "metres")}`,
  adjacent: (f) =>
    `두 시야 사이 ${figure(f, "apart")}, 걸린 시간 ${figure(f, "seconds")} (보통 ${figure(f, "usual")})`,
  passed: (f) =>
    `${figure(f, "cameras")} 시야를 지나지만 포착되지 않음 (${figure(f, "metres")} 중 시야 밖 ${figure(f, "unseen")}), 또는 다른 길로 감`,
  own_views: (f) =>
    `두 카메라 시야 안의 길에서 ${figure(f, "seconds")} 동안 포착되지 않음: 모든 시야 밖에 있었거나 놓침`,
  twice: (f) =>
    `한 화면에 ${figure(f, "seconds")} 동안 동시에 두 번 보임: 한 사람이 둘로 추적되었거나 하나는 다른 사람`,
  also: (f) =>
    `${figure(f, "stop")}번 지점(${figure(f, "camera")})이 직전 지점보다 늦게까지 이어져 거기서는 올 수 없음`,
  gap: (f) => `${figure(f, "metres")} 중 ${figure(f, "unseen")} 구간을 보는 카메라가 없음`,
  silent: (f) =>
    `${figure(f, "cameras")} 시야이지만 그 시각 전후로 아무것도 보내지 않음 (고장 추정)`,
  too_fast: (f) =>
    `${figure(f, "metres")}를 ${figure(f, "seconds")}에 이동: 불가능, 최소 ${figure(f, "needed")} 필요 (시계 오차 최대 ${figure(f, "clock")})`,
  two_places: (f) =>
    `${figure(f, "metres")} 떨어진 두 곳에 ${figure(f, "seconds")} 동안 동시에 있음 (시계 오차 최대 ${figure(f, "clock")})`,
  by_vehicle: (f) => `도보로는 보통 ${figure(f, "usual")} 걸려 불가능: 차량 또는 버스 이용`,
  faster_than_streets: () => "알려진 도로로는 빠듯함: 공터를 가로질렀거나 도로망에 없는 길",
  stayed: (f) =>
    `보통(${figure(f, "usual")})보다 ${figure(f, "spare")} 더 걸림: 어딘가 머물렀거나 다른 길로 감`,
  no_network: () => "도로망이 없어 직선으로 표시",
  no_way: () => "도로망에서 두 지점이 이어지지 않아 직선으로 표시",
  no_place: () => "지도에 위치가 없는 카메라가 있어 경로를 알 수 없음",
  assumed: (f) => `${figure(f, "cameras")} 시야를 몰라 반경 ${figure(f, "assumed")}로 가정`,
  unmeasured: (f) =>
    `${figure(f, "boxes")} 시계 오차가 측정되지 않음 (최대 ${figure(f, "clock")}로 가정)`,
  order: (f) => `시계 오차(${figure(f, "clock")}) 안이라 앞뒤 순서가 확실하지 않음`,
  before_types: () => "구간 판정 이전에 저장됨: 직선으로 표시",
  clock_unmeasured: (f) =>
    `${figure(f, "after")} 시계가 ${figure(f, "before")} 시계보다 ${figure(f, "seconds")} 이상 느림 (측정된 적 없음: ${figure(f, "unmeasured")})`,
  clock_measured: (f) =>
    `${figure(f, "after")} 시계가 ${figure(f, "before")} 시계보다 ${figure(f, "seconds")} 이상 느림 (둘 다 측정되었음)`,
  cloned_plate: (f) => `같은 번호판 ${figure(f, "before")}을 단 차량이 둘: 번호판 복제`,
  other_plate: (f) =>
    `둘 중 하나가 잘못 확인됨: 번호판이 ${figure(f, "before")}, ${figure(f, "after")}로 다름`,
  wrong_confirmation: () => "둘 중 하나가 잘못 확인됨",
};

export const legsKo: LegStrings = {
  type: {
    OBSERVED: "관측됨",
    UNOBSERVED: "관측 안 됨",
    COVERAGE_GAP: "사각지대",
    CONTRADICTION: "모순",
  },
  reasons: reasonsKo,
  leg: (from, to) => `지점 ${from}에서 지점 ${to}까지`,
  atOnce: (time) => `동시 ${time}`,
  explained: "가능한 원인",
  likely: "유력",
  askAgain: "다시 볼 카메라",
  choose: (camera) => `${camera} 선택`,
  ways: (n) => `다른 길 ${n}개`,
  contradicted: "모순",
  legend: {
    heading: "범례",
    gap: "보는 카메라 없음",
    other: "구간의 다른 길",
    suggested: "제안, 카메라 사이 직선",
    preview: "아직 그리지 않음",
    links: "학습된 연결, 중앙값",
    linksFew: "학습된 연결, 자료 부족",
    views: "카메라 시야",
  },
  layers: { heading: "레이어", views: "카메라 시야", links: "학습된 연결" },
  noLinks: "아직 학습된 것이 없습니다. 확인된 경로와 번호판에서 배웁니다.",
};
