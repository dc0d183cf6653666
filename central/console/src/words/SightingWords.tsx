import type { Sighting } from "../api/types";
import { useLanguage } from "../i18n/context";
import { useAttributeSets } from "./context";
import { details, isDescribed, summary, wordsOf } from "./words";

/** What a sighting shows in words, and its plate; nothing where nothing was read. */
export function SightingWords({ sighting }: { sighting: Sighting }) {
  const language = useLanguage();
  const words = wordsOf(sighting.attributes, useAttributeSets(), language);
  if (!isDescribed(sighting)) return null;
  return (
    <span className="words" title={details(words)}>
      {sighting.plate !== null && <b className="plate">{sighting.plate}</b>}
      {summary(words, sighting.attributes)}
    </span>
  );
}
