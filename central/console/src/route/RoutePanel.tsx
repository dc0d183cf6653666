import type { Route } from "../api/routes";
import { useCameraName } from "../app/CameraNames";
import { distance, duration } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import type { SuggestWork } from "../suggest/useSuggest";
import { ErrorNote } from "../ui/ErrorNote";
import { Icon } from "../ui/Icon";
import { Note, Progress } from "../ui/Note";
import { useAttributeSets } from "../words/context";
import { ExportMenu } from "./ExportMenu";
import type { ProposalActions } from "./ProposalRow";
import { type Searching, searchedText } from "./searched";
import { type LegChoice, StopTable } from "./StopTable";
import type { RouteWork } from "./useRoute";

interface Props {
  work: RouteWork;
  searching: Searching;
  suggest: SuggestWork;
  legs: LegChoice;
  proposing: ProposalActions;
  isNextOpen: boolean;
  chosen: ReadonlySet<string>;
  onNext: () => void;
  onChoose: (camera: string) => void;
  onPoint: (camera: string | null) => void;
}

/** The stops in time order, and what is known of the way between them once it is drawn. */
export function RoutePanel(props: Props) {
  const { work, suggest } = props;
  const strings = useStrings();
  const { stops, drawn, isLoading, error } = work;
  const isEmpty = stops.length === 0 && suggest.proposals.length === 0;
  return (
    <section className="route" aria-label={strings.route.heading}>
      <header className="panel-row">
        <h2>
          <Icon name="route" /> {strings.route.heading}
        </h2>
        <Totals route={drawn} stops={stops.length} />
        <Actions {...props} />
      </header>
      <Progress active={isLoading} text={strings.loading} />
      <ErrorNote error={error} />
      {drawn?.purpose != null && <p className="hint">{strings.purpose.kept(drawn.purpose)}</p>}
      {isEmpty && !isLoading && <Note>{strings.route.empty}</Note>}
      {!isEmpty && (
        <StopTable
          {...props}
          stops={stops}
          route={drawn}
          proposals={suggest.proposals}
          asked={suggest.answer.value?.ask ?? []}
          onRemove={work.toggle}
        />
      )}
      {stops.length === 1 && <p className="hint">{strings.route.oneStop}</p>}
    </section>
  );
}

function Actions({ work, searching, isNextOpen, onNext }: Props) {
  const strings = useStrings();
  const naming = {
    language: useLanguage(),
    sets: useAttributeSets(),
    cameraName: useCameraName(),
  };
  const { stops, drawn, saved, isDrawing } = work;
  return (
    <div className="panel-actions">
      {saved !== null && drawn === null && stops.length > 1 && (
        <span className="warning">{strings.route.changed}</span>
      )}
      {drawn === null && (
        <button
          type="button"
          className="button primary"
          disabled={stops.length < 2 || isDrawing}
          onClick={() => work.draw(searchedText(searching, naming))}
        >
          {isDrawing ? strings.route.drawing : strings.route.draw}
        </button>
      )}
      {stops.length > 0 && (
        <button type="button" className="button" aria-pressed={isNextOpen} onClick={onNext}>
          {strings.onward.open}
        </button>
      )}
      {drawn !== null && <ExportMenu routeId={drawn.id} />}
      {stops.length > 0 && (
        <button type="button" className="button" onClick={work.clear}>
          {strings.clear}
        </button>
      )}
    </div>
  );
}

function Totals({ route, stops }: { route: Route | null; stops: number }) {
  const strings = useStrings();
  if (stops === 0) return null;
  return (
    <p className="totals" role="status">
      <span>{strings.route.stops(stops)}</span>
      {route !== null && (
        <>
          <span>{distance(route.distance_m, strings.units)}</span>
          <span>{duration(route.duration_s, strings.units)}</span>
        </>
      )}
    </p>
  );
}
