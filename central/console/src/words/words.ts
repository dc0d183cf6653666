/** Attributes of sightings in the reader's language, after the centre's own label sets. */
import type { AttributeSet, ObjectClass, Said, Sighting } from "../api/types";
import type { Language } from "../i18n/strings";

export type Wanted = Readonly<Record<string, readonly string[]>>;

/** One attribute as it is shown. */
export interface Word {
  name: string;
  /** What it is of, e.g. "upper clothing". */
  of: string;
  /** What was read, e.g. "red". */
  value: string;
  confidence: number;
  /** Whether it tells something: "no hat" is true of nearly everyone. */
  telling: boolean;
}

const NO = "no";
const YES = "yes";

/** What is read less surely than this is shown among the details only. */
export const SURE = 0.5;

/**
 * What the box read, in the order of the label sets. Attributes that the centre does not know,
 * from a newer box, come last, as they were sent.
 */
export function wordsOf(said: Said, sets: readonly AttributeSet[], language: Language): Word[] {
  const order = new Map(sets.map((set, place) => [set.name, place]));
  const place = (name: string) => order.get(name) ?? sets.length;
  return Object.entries(said)
    .sort(([a], [b]) => place(a) - place(b))
    .map(([name, { value, confidence }]) => {
      const set = sets.find((each) => each.name === name);
      const label = set?.values.find((each) => each.value === value);
      return {
        name,
        of: set?.names[language] ?? name,
        value: label?.names[language] ?? value,
        confidence,
        telling: value !== NO,
      };
    });
}

/** The sure and telling ones in one line: "red · black · backpack". */
export function summary(words: readonly Word[], said: Said): string {
  return words
    .filter((word) => word.telling && word.confidence >= SURE)
    .map((word) => (said[word.name]?.value === YES ? word.of : word.value))
    .join(" · ");
}

/** All of them, a line each, with how likely they are right. */
export function details(words: readonly Word[]): string {
  return words
    .map((word) => `${word.of}: ${word.value} (${Math.round(word.confidence * 100)} %)`)
    .join("\n");
}

/** The label sets that fit the class of object looked for; null: any. */
export function setsOf(
  sets: readonly AttributeSet[],
  objectClass: ObjectClass | null,
): AttributeSet[] {
  return sets.filter((set) => objectClass === null || set.object_class === objectClass);
}

/** `wanted` with `value` for `name`; an empty value asks for nothing. */
export function choose(wanted: Wanted, name: string, value: string): Wanted {
  const others = Object.entries(wanted).filter(([each]) => each !== name);
  return Object.fromEntries(value === "" ? others : [...others, [name, [value]]]);
}

/** One attribute that is asked for: "upper clothing: red, pink", or "backpack" where yes. */
export function wantedText(
  name: string,
  values: readonly string[],
  sets: readonly AttributeSet[],
  language: Language,
): string {
  const set = sets.find((each) => each.name === name);
  const of = set?.names[language] ?? name;
  if (values.every((value) => value === YES)) return of;
  const named = values.map(
    (value) => set?.values.find((each) => each.value === value)?.names[language] ?? value,
  );
  return `${of}: ${named.join(", ")}`;
}

/** `name=value` as the list of sightings takes it. */
export function pairs(wanted: Wanted): string[] {
  return Object.entries(wanted).flatMap(([name, values]) =>
    values.map((value) => `${name}=${value}`),
  );
}

/** Whether a sighting has anything to say. */
export function isDescribed(sighting: Sighting): boolean {
  return sighting.plate !== null || Object.keys(sighting.attributes).length > 0;
}
