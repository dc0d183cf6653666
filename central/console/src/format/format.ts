/** Times, lengths and speeds as a person reads them. Times are shown in the browser's own zone. */
import type { Hours, Weekday } from "../api/types";
import type { Language, Strings } from "../i18n/strings";

type Units = Strings["units"];

const UNKNOWN = "–";

export function clockTime(iso: string, language: Language): string {
  return new Date(iso).toLocaleTimeString(language, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}

export function shortDate(iso: string, language: Language): string {
  return new Date(iso).toLocaleDateString(language, { month: "short", day: "numeric" });
}

export function dateAndTime(iso: string, language: Language): string {
  return `${shortDate(iso, language)} ${clockTime(iso, language)}`;
}

/** From one time to another to the minute, with each date once; null: open at that end. */
export function period(from: string | null, to: string | null, language: Language): string {
  return range(from, to, new Intl.DateTimeFormat(language, TO_THE_MINUTE));
}

/** The same with the year and the zone, for whoever reads it elsewhere and years later. */
export function fullPeriod(from: string | null, to: string | null, language: Language): string {
  const full = { ...TO_THE_MINUTE, year: "numeric", timeZoneName: "short" } as const;
  return range(from, to, new Intl.DateTimeFormat(language, full));
}

const TO_THE_MINUTE = {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
} as const;

function range(from: string | null, to: string | null, format: Intl.DateTimeFormat): string {
  if (from !== null && to !== null) return format.formatRange(new Date(from), new Date(to));
  const one = (iso: string | null) => (iso === null ? "" : format.format(new Date(iso)));
  return `${one(from)} ${UNKNOWN} ${one(to)}`.trim();
}

const WEEK: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** Monday, 1 January 2024. */
const MONDAY_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** Hours that repeat, and the days they begin on: "22:00–05:00 Fri, Sat". */
export function hoursText({ from, to, days }: Hours, language: Language): string {
  const name = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const named = days?.map((day) => name.format(MONDAY_MS + WEEK.indexOf(day) * DAY_MS)) ?? [];
  return `${from}–${to} ${named.join(", ")}`.trim();
}

/** `iso` to the millisecond in UTC, for the tooltip. */
export function utcText(iso: string): string {
  return new Date(iso).toISOString().replace("T", " ").replace("Z", " UTC");
}

export function distance(metres: number | null, units: Units): string {
  if (metres === null) return UNKNOWN;
  if (metres < 10) return `${metres.toFixed(1)}${units.m}`;
  if (metres < 1000) return `${Math.round(metres)}${units.m}`;
  return `${(metres / 1000).toFixed(2)}${units.km}`;
}

export function duration(seconds: number | null, units: Units): string {
  if (seconds === null) return UNKNOWN;
  if (Math.abs(seconds) < 10) return `${seconds.toFixed(1)}${units.s}`;
  const whole = Math.round(seconds);
  if (Math.abs(whole) < 60) return `${whole}${units.s}`;
  const minutes = Math.trunc(whole / 60);
  if (Math.abs(minutes) < 60) return `${minutes}${units.min} ${pad(whole % 60)}${units.s}`;
  return `${Math.trunc(minutes / 60)}${units.h} ${pad(minutes % 60)}${units.min}`;
}

export function speed(metresPerSecond: number | null, units: Units): string {
  if (metresPerSecond === null) return UNKNOWN;
  return `${(metresPerSecond * 3.6).toFixed(1)}${units.kmh}`;
}

/** A share of 1 as a percentage; what is little, but not nothing, as such. */
export function percent(share: number, language: Language): string {
  if (share > 0 && share < 0.01) return `< ${percent(0.01, language)}`;
  return share.toLocaleString(language, { style: "percent", maximumFractionDigits: 0 });
}

function pad(value: number): string {
  return String(Math.abs(value)).padStart(2, "0");
}
