/** A sentence as it was understood, and the chips that show it. */
import type { Asked, AttributeSet, CameraChoice, ParsedQuestion, Understood } from "../api/types";
import { distance, hoursText, period } from "../format/format";
import type { Language, Strings } from "../i18n/strings";
import { wantedText } from "../words/words";

export interface Words {
  text: string;
  asked: Asked;
  /** What the sentence calls the place. */
  place: string;
  /** Words of the sentence that ask for nothing. */
  unused: readonly string[];
  /** What fits more than its words say. */
  wider: readonly Understood[];
}

/** One thing that is asked for, and the rest without it. */
export interface Chip {
  key: string;
  text: string;
  without: Asked;
}

/** `parsed` of the sentence `text`, with nothing but what a sentence can say. */
export function wordsOfQuestion(text: string, parsed: ParsedQuestion): Words {
  const { cameras, from, to, hours, object_class, attributes, plate } = parsed.request;
  const meaning = (...names: string[]) =>
    parsed.understood
      .filter((piece) => names.some((name) => piece.means.startsWith(`${name}=`)))
      .map((piece) => piece.text);
  return {
    text,
    asked: { cameras, from, to, hours, object_class, attributes, plate },
    place: meaning("cameras", "group").join(" "),
    // So many metres around a place that nobody knows.
    unused: [...parsed.not_understood, ...(cameras === null ? meaning("metres") : [])],
    wider: parsed.understood.filter((piece) => piece.wider),
  };
}

export function saysNothing(asked: Asked): boolean {
  const { attributes, ...others } = asked;
  return (
    Object.keys(attributes).length === 0 && Object.values(others).every((value) => value === null)
  );
}

/** A chip for each thing that `words` ask for, in the reader's language. */
export function chipsOf(
  { asked, place }: Words,
  sets: readonly AttributeSet[],
  language: Language,
  strings: Strings,
): Chip[] {
  const { plate, object_class, from, to, hours, cameras } = asked;
  const chips: Chip[] = [];
  const add = (key: string, text: string, without: Partial<Asked>) =>
    chips.push({ key, text, without: { ...asked, ...without } });
  if (plate !== null) add("plate", plate, { plate: null });
  if (object_class !== null)
    add("object_class", strings.objectClass[object_class], { object_class: null });
  for (const [name, values] of Object.entries(asked.attributes))
    add(name, wantedText(name, values, sets, language), {
      attributes: without(asked.attributes, name),
    });
  if (from !== null || to !== null)
    add("period", period(from, to, language), { from: null, to: null });
  if (hours !== null) add("hours", hoursText(hours, language), { hours: null });
  if (cameras !== null) add("cameras", placeText(cameras, place, strings), { cameras: null });
  return chips;
}

/** What is asked for more widely than its words say, as "SUV → vehicle type: car". */
export function widerOf(
  { asked, wider }: Words,
  sets: readonly AttributeSet[],
  language: Language,
  strings: Strings,
): string[] {
  return wider.flatMap(({ text, means }) => {
    const [name = "", value = ""] = means.split("=");
    if (name === "object_class" && asked.object_class === value)
      return [`${text} → ${strings.objectClass[asked.object_class]}`];
    if (!asked.attributes[name]?.includes(value)) return [];
    return [`${text} → ${wantedText(name, [value], sets, language)}`];
  });
}

function placeText(cameras: CameraChoice, place: string, { units }: Strings): string {
  const metres = cameras.radius?.metres;
  return metres === undefined ? place : `${place} ${distance(metres, units)}`;
}

function without(attributes: Asked["attributes"], name: string): Asked["attributes"] {
  return Object.fromEntries(Object.entries(attributes).filter(([each]) => each !== name));
}
