import { type ReactNode, useState } from "react";
import type { Candidate, SearchResult } from "../api/types";
import type { Load } from "../api/useLoad";
import { useCameraName } from "../app/CameraNames";
import { useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { Note, Progress } from "../ui/Note";
import { Segmented } from "../ui/Segmented";
import { type CandidateActions, CandidateCard } from "./CandidateCard";
import { groupByCamera } from "./grouping";
import { NextRound, type Round } from "./NextRound";

interface Props {
  isSearching: boolean;
  result: Load<SearchResult>;
  round: Round;
  actions: CandidateActions;
  /** What stands above the matches. */
  children: ReactNode;
}

type Arrangement = "merged" | "perCamera";

/** What looks like the query, merged by rank or camera by camera. */
export function MatchesPanel({ isSearching, result, round, actions, children }: Props) {
  const strings = useStrings();
  const [arrangement, setArrangement] = useState<Arrangement>("merged");
  if (!isSearching) return <Note>{strings.search.start}</Note>;
  const candidates = (result.value?.candidates ?? []).filter(
    ({ sighting }) => !round.hidden.has(sighting.id),
  );
  const isEmpty = result.value?.candidates.length === 0;
  return (
    <div className="panel-body" aria-busy={result.loading}>
      <Progress active={result.loading} text={strings.search.searching} />
      <ErrorNote error={result.error} retry={result.retry} />
      {result.value?.note && <p className="hint">{result.value.note}</p>}
      {isEmpty && <Note>{strings.search.empty}</Note>}
      {candidates.length > 0 && (
        <div className="panel-row">
          <span className="hint" role="status" title={strings.search.hint}>
            <b>{strings.search.found(candidates.length)}</b> {strings.search.hint}
          </span>
          <Segmented
            label={strings.search.arrangement}
            name="arrangement"
            value={arrangement}
            onChange={setArrangement}
            options={[
              { value: "merged", text: strings.search.merged },
              { value: "perCamera", text: strings.search.perCamera },
            ]}
          />
        </div>
      )}
      {children}
      <NextRound {...round} />
      {arrangement === "merged" ? (
        <Cards candidates={candidates} actions={actions} />
      ) : (
        <Groups candidates={candidates} actions={actions} />
      )}
    </div>
  );
}

interface ListProps {
  candidates: readonly Candidate[];
  actions: CandidateActions;
}

function Groups({ candidates, actions }: ListProps) {
  const nameOf = useCameraName();
  return groupByCamera(candidates).map((group) => (
    <section key={group.camera} aria-label={nameOf(group.camera)}>
      <h3 className="group">
        {nameOf(group.camera)} <span className="muted">{group.candidates.length}</span>
      </h3>
      <Cards candidates={group.candidates} actions={actions} />
    </section>
  ));
}

function Cards({ candidates, actions }: ListProps) {
  return (
    <ul className="crops">
      {candidates.map((candidate) => (
        <li key={candidate.sighting.id}>
          <CandidateCard {...candidate} {...actions} />
        </li>
      ))}
    </ul>
  );
}
