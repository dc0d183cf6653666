import { useStrings } from "../i18n/context";
import { MOST_PURPOSE, typedPurpose, typePurpose } from "./purpose";

/** Asks why somebody searches. It goes with what is asked from now on. */
export function PurposeField() {
  const { name, example, hint } = useStrings().purpose;
  return (
    <label className="purpose" title={hint}>
      <span className="muted">{name}</span>
      <input
        type="text"
        // One case's number is not to be offered for another.
        autoComplete="off"
        maxLength={MOST_PURPOSE}
        placeholder={example}
        defaultValue={typedPurpose()}
        onChange={(event) => typePurpose(event.target.value)}
      />
    </label>
  );
}
