/** The time window of a search: a preset fixed when it was chosen, or two times typed in. */

export const PRESETS = ["all", "hour", "day", "week", "custom"] as const;
export type Preset = (typeof PRESETS)[number];

export interface TimeWindow {
  preset: Preset;
  /** ISO 8601 UTC; null: no bound. */
  from: string | null;
  to: string | null;
}

export const ANY_TIME: TimeWindow = { preset: "all", from: null, to: null };

const HOURS = { hour: 1, day: 24, week: 7 * 24 };
const MS_AN_HOUR = 3_600_000;

/** `preset` as seen at `nowMs`; the last window's bounds stay when the operator wants to edit. */
export function windowOf(preset: Preset, nowMs: number, last: TimeWindow): TimeWindow {
  if (preset === "all") return ANY_TIME;
  if (preset === "custom") return { ...last, preset };
  return {
    preset,
    from: new Date(nowMs - HOURS[preset] * MS_AN_HOUR).toISOString(),
    to: null,
  };
}

export function isReversed(window: TimeWindow): boolean {
  return window.from !== null && window.to !== null && window.from > window.to;
}

/** What a `datetime-local` field shows for `iso`: local time to the second. */
export function toLocalField(iso: string | null): string {
  if (iso === null) return "";
  const moment = new Date(iso);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** The instant a `datetime-local` field names, null when it is empty. */
export function fromLocalField(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
