import type { AttributeSet, ObjectClass } from "../api/types";
import { useLanguage, useStrings } from "../i18n/context";
import { useAttributeSets } from "./context";
import { choose, setsOf, type Wanted } from "./words";

interface Props {
  objectClass: ObjectClass | null;
  wanted: Wanted;
  leastConfidence: number;
  onWanted: (wanted: Wanted) => void;
  onLeast: (confidence: number) => void;
}

const LEAST = [0, 0.5, 0.7, 0.9] as const;

/** What the one looked for looks like, in words: folded away until it is needed. */
export function AttributeFilter({ objectClass, wanted, leastConfidence, ...on }: Props) {
  const strings = useStrings();
  const sets = setsOf(useAttributeSets(), objectClass);
  const count = Object.keys(wanted).length;
  if (sets.length === 0) return null;
  return (
    <details className="looks">
      <summary>
        {strings.looks.heading}
        {count > 0 && <span className="badge">{count}</span>}
      </summary>
      <div className="looks-fields">
        {sets.map((set) => (
          <AttributeField
            key={set.name}
            set={set}
            value={wanted[set.name]?.[0] ?? ""}
            onChange={(value) => on.onWanted(choose(wanted, set.name, value))}
          />
        ))}
        <label className="field">
          <span>{strings.looks.least}</span>
          <select
            value={leastConfidence}
            onChange={(event) => on.onLeast(Number(event.target.value))}
          >
            {LEAST.map((least) => (
              <option key={least} value={least}>
                {least === 0 ? strings.looks.any : `${least * 100} %`}
              </option>
            ))}
          </select>
        </label>
        {count > 0 && (
          <button type="button" className="button" onClick={() => on.onWanted({})}>
            {strings.clear}
          </button>
        )}
      </div>
    </details>
  );
}

interface FieldProps {
  set: AttributeSet;
  value: string;
  onChange: (value: string) => void;
}

function AttributeField({ set, value, onChange }: FieldProps) {
  const strings = useStrings();
  const language = useLanguage();
  return (
    <label className="field">
      <span>{set.names[language]}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{strings.looks.any}</option>
        {set.values.map((label) => (
          <option key={label.value} value={label.value}>
            {label.names[language]}
          </option>
        ))}
      </select>
    </label>
  );
}
