import { WordsStrip } from "../ask/WordsStrip";
import { useStrings } from "../i18n/context";
import { NextPanel } from "../onward/NextPanel";
import { BrowsePanel } from "../search/BrowsePanel";
import { MatchesPanel } from "../search/MatchesPanel";
import { QueryStrip } from "../search/QueryStrip";
import { useSightings } from "../search/useSightings";
import { SuggestPanel } from "../suggest/SuggestPanel";
import { ErrorNote } from "../ui/ErrorNote";
import { Icon } from "../ui/Icon";
import type { Tab, useConsole } from "./useConsole";

interface Props {
  work: ReturnType<typeof useConsole>;
  onPoint: (camera: string | null) => void;
}

const TABS: readonly Tab[] = ["browse", "matches", "next"];

/** Pictures: what was seen lately, and what looks like the query; and where they can be now. */
export function SidePanel({ work, onPoint }: Props) {
  const strings = useStrings();
  const { tab, query, search, route, asking } = work;
  const sightings = useSightings(work.scope.scope);
  const names: Record<Tab, string> = {
    browse: strings.browse.tab,
    matches: strings.search.tab,
    next: strings.onward.tab,
  };
  return (
    <section className="side" aria-label={names[tab]}>
      <div className="tabs">
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={tab === each}
            onClick={() => work.setTab(each)}
          >
            {names[each]}
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
      {tab === "browse" && (
        <BrowsePanel sightings={sightings} onPick={work.searchFor} onPoint={onPoint} />
      )}
      {tab === "next" && (
        <NextPanel
          work={work.next}
          chosen={work.scope.chosen}
          onToggle={work.scope.toggleCamera}
          onChoose={work.scope.chooseCameras}
          onPoint={onPoint}
        />
      )}
      {tab === "matches" && (
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
        >
          <SuggestPanel work={work.suggest} />
        </MatchesPanel>
      )}
    </section>
  );
}
