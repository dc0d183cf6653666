import type { LegType } from "../api/routes";

export type Sample =
  LegType | "gap" | "other" | "preview" | "suggested" | "link" | "link-few" | "view";

/** A short piece of a line as the map draws it; its look is in `map.css`. */
export function LineSample({ kind }: { kind: Sample }) {
  return (
    <svg className={`line-sample ${kind}`} viewBox="0 0 28 12" aria-hidden="true">
      {kind === "CONTRADICTION" ? <Warning /> : <path d="M2 6h24" />}
    </svg>
  );
}

/** A sign at the two stops, and no line: nothing was travelled. */
function Warning() {
  return (
    <>
      <path className="sign" d="M14 0.5l6.5 11h-13z" />
      <path className="bang" d="M14 4v3.6M14 9.6v.1" />
    </>
  );
}
