import type { Judged } from "../api/types";
import { useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";

export interface Round {
  hidden: ReadonlySet<string>;
  /** What a search would now be told; null: nothing that it does not know. */
  next: Judged | null;
  onSearch: () => void;
  onUnhide: () => void;
}

/** The way to search again with what was ticked and hidden since. */
export function NextRound({ hidden, next, onSearch, onUnhide }: Round) {
  const strings = useStrings();
  if (next === null && hidden.size === 0) return null;
  return (
    <div className="panel-row wraps">
      {next !== null && (
        <button
          type="button"
          className="button"
          title={strings.search.rerunHint}
          onClick={onSearch}
        >
          <Icon name="refresh" />
          <span>{strings.search.rerun(next.confirmed.length, next.rejected.length)}</span>
        </button>
      )}
      {hidden.size > 0 && (
        <span className="panel-actions muted">
          {strings.search.hidden(hidden.size)}
          <button type="button" className="button" onClick={onUnhide}>
            {strings.search.unhide}
          </button>
        </span>
      )}
    </div>
  );
}
