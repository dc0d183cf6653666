import { clockTime, shortDate, utcText } from "../format/format";
import { useLanguage } from "../i18n/context";

/** An instant in the browser's zone, with UTC to the millisecond as its tooltip. */
export function When({ iso }: { iso: string }) {
  const language = useLanguage();
  return (
    <time className="when" dateTime={iso} title={utcText(iso)}>
      <span className="when-date">{shortDate(iso, language)}</span> {clockTime(iso, language)}
    </time>
  );
}
