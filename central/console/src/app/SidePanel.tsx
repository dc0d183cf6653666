import { WordsStrip } from "../ask/WordsStrip";
import { useStrings } from "../i18n/context";
import { BrowsePanel } from "../search/BrowsePanel";
import { MatchesPanel } from "../search/MatchesPanel";
import { QueryStrip } from "../search/QueryStrip";
import { useSightings } from "../search/useSightings";
import { ErrorNote } from "../ui/ErrorNote";
import { Icon } from "../ui/Icon";
import type { Tab, useConsole } from "./useConsole";

interface Props {
  work: ReturnType<typeof useConsole>;
  onPoint: (camera: string | null) => void;
}

const TABS: readonly Tab[] = ["browse", "matches"];

/** Pictures: what was seen lately, and what looks like the query. */
export function SidePanel({ work, onPoint }: Props) {
  const strings = useStrings();
  const { tab, query, search, route, asking } = work;
  const sightings = useSightings(work.scope.scope);
  return (
    <section className="side" aria-label={strings[tab === "browse" ? "browse" : "search"].tab}>
      <div className="tabs">
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={tab === each}
            onClick={() => work.setTab(each)}
          >
            {each === "browse" ? strings.browse.tab : strings.search.tab}
          </button>
        ))}
        {tab === "browse" && (
          <button
            type="button"
            className="quiet"
            title={strings.browse.refresh}
            onClick={sightings.refresh}
          >
            <Icon name="refresh" label={strings.browse.refresh} />
          </button>
        )}
      </div>
      {query !== null && query.kind !== "words" && (
        <QueryStrip
          sighting={search.sighting}
          picture={work.picture}
          isStop={search.sighting !== null && route.has(search.sighting)}
          onToggle={work.toggleStop}
          onEnd={work.endSearch}
        />
      )}
      <ErrorNote error={asking.error} retry={asking.submit} />
      {asking.words !== null && (
        <WordsStrip words={asking.words} onChange={asking.change} onClear={work.clearWords} />
      )}
      {tab === "browse" ? (
        <BrowsePanel sightings={sightings} onPick={work.searchFor} onPoint={onPoint} />
      ) : (
        <MatchesPanel
          isSearching={query !== null}
          result={search.result}
          round={work.round}
          actions={{
            isStop: route.has,
            onToggle: work.toggleStop,
            onSearch: work.searchOn,
            onReject: work.reject,
            onPoint,
          }}
        />
      )}
    </section>
  );
}
