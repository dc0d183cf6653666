/** The field that asks by words, and the one that says why. */

export const askEn = {
  field: "Ask by words or plate",
  example: "Red top, backpack, yesterday 3 pm; or a plate: 12?3456",
  submit: "Search by these words",
  heading: "Asked in words",
  nothing: "None of it was understood. Name looks, a plate, a time or a place.",
  unused: (words: string) => `Not understood: ${words}`,
  wider: (words: string) => `Taken more widely: ${words}`,
  remove: (what: string) => `Leave out: ${what}`,
  clear: "Leave out the words",
};

export const askKo: typeof askEn = {
  field: "말이나 번호판으로 찾기",
  example: "빨간 상의 배낭 어제 오후 3시, 또는 번호판: 12?3456",
  submit: "이 말로 검색",
  heading: "말로 찾기",
  nothing: "이해한 말이 없습니다. 생김새, 번호판, 시간, 장소를 적어 보세요.",
  unused: (words) => `이해하지 못한 말: ${words}`,
  wider: (words) => `더 넓게 찾음: ${words}`,
  remove: (what) => `빼기: ${what}`,
  clear: "말로 찾기 끝내기",
};

export const purposeEn = {
  name: "Purpose",
  example: "Report or case number",
  hint: "Goes with every search and route from now on, into the centre's log and the report",
  kept: (purpose: string) => `Purpose: ${purpose}`,
};

export const purposeKo: typeof purposeEn = {
  name: "목적",
  example: "접수·사건 번호",
  hint: "이후의 모든 검색과 경로에 함께 기록되고 보고서에 표시됩니다",
  kept: (purpose) => `목적: ${purpose}`,
};
