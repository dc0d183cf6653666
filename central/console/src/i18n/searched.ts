/** How stops were found, in the words that are kept with a route and printed in its report. */

export const searchedEn = {
  bySighting: (camera: string, time: string) => `Searched with the sighting at ${camera}, ${time}`,
  byPicture: (name: string) => `Searched with the uploaded picture ${name}`,
  byWords: "Searched by words",
  browsed: "Picked by looking through sightings",
  words: (text: string) => `words “${text}”`,
  everyCamera: "all cameras",
  cameras: (names: string, n: number) => `${n === 1 ? "1 camera" : `${n} cameras`} (${names})`,
  around: (metres: string, place: string) => `cameras within ${metres} of ${place}`,
  anyTime: "any time",
  least: (percent: string) => `each at least ${percent} likely`,
  confirmed: (n: number) => `${n} confirmed`,
  rejected: (n: number) => `${n} ruled out`,
  more: "…",
};

export const searchedKo: typeof searchedEn = {
  bySighting: (camera, time) => `${camera}, ${time}의 목격으로 검색`,
  byPicture: (name) => `올린 사진 ${name}(으)로 검색`,
  byWords: "말로 검색",
  browsed: "목격을 둘러보며 선택",
  words: (text) => `말 “${text}”`,
  everyCamera: "모든 카메라",
  cameras: (names, n) => `카메라 ${n}대(${names})`,
  around: (metres, place) => `${place}에서 ${metres} 안의 카메라`,
  anyTime: "모든 시간",
  least: (percent) => `각각 최소 확률 ${percent}`,
  confirmed: (n) => `확인 ${n}건`,
  rejected: (n) => `제외 ${n}건`,
  more: "…",
};
