import { Fragment } from "react";
import type { Route, SuggestedStop } from "../api/routes";
import { useStrings } from "../i18n/context";
import { LegRow } from "./LegRow";
import { ProposalRow, type ProposalActions } from "./ProposalRow";
import { listed, type PickedStop } from "./stops";
import { StopRow } from "./StopRow";

export interface LegChoice {
  /** The number of the stop that the selected leg leads on from. */
  selected: number | null;
  select: (from: number | null) => void;
}

interface Props {
  stops: readonly PickedStop[];
  route: Route | null;
  proposals: readonly SuggestedStop[];
  /** Sightings whose judgement would tell most. */
  asked: readonly string[];
  legs: LegChoice;
  proposing: ProposalActions;
  chosen: ReadonlySet<string>;
  onChoose: (camera: string) => void;
  onRemove: (stop: PickedStop) => void;
  onPoint: (camera: string | null) => void;
}

/** One row a stop, and between two of them one for the leg; proposed stops where they belong. */
export function StopTable(props: Props) {
  const { stops, route, proposals, onPoint } = props;
  const strings = useStrings();
  const { stop, camera, arrived, left } = strings.route;
  return (
    <div className="table-frame">
      <table className="stops">
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              {stop}
            </th>
            <th scope="col">{camera}</th>
            <th scope="col">{arrived}</th>
            <th scope="col">{left}</th>
            <th aria-label={strings.clear} />
          </tr>
        </thead>
        <tbody>
          {listed(stops, proposals).map((entry) =>
            entry.kind === "proposal" ? (
              <ProposalRow
                key={entry.proposal.sighting.id}
                proposal={entry.proposal}
                isAsked={props.asked.includes(entry.proposal.sighting.id)}
                actions={props.proposing}
                onPoint={onPoint}
              />
            ) : (
              <Fragment key={entry.stop.sightingId}>
                <StopRow
                  number={entry.number}
                  stop={entry.stop}
                  hasPlace={route === null || route.stops[entry.number - 1]?.position !== null}
                  onRemove={props.onRemove}
                  onPoint={onPoint}
                />
                <LegRow leg={route?.legs[entry.number - 1] ?? null} {...props} />
              </Fragment>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
