import type { Route } from "../api/types";
import { routeGeojsonUrl } from "../api/centre";
import { distance, duration } from "../format/format";
import { useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { Icon } from "../ui/Icon";
import { Note, Progress } from "../ui/Note";
import { StopTable } from "./StopTable";
import type { RouteWork } from "./useRoute";

interface Props {
  work: RouteWork;
  onPoint: (camera: string | null) => void;
}

/** The stops in time order, and the way between them once it is drawn. */
export function RoutePanel({ work, onPoint }: Props) {
  const strings = useStrings();
  const { stops, drawn, saved, isDrawing, isLoading, error } = work;
  return (
    <section className="route" aria-label={strings.route.heading}>
      <header className="panel-row">
        <h2>
          <Icon name="route" /> {strings.route.heading}
        </h2>
        <Totals route={drawn} stops={stops.length} />
        <div className="panel-actions">
          {saved !== null && drawn === null && stops.length > 1 && (
            <span className="warning">{strings.route.changed}</span>
          )}
          {drawn === null && (
            <button
              type="button"
              className="button primary"
              disabled={stops.length < 2 || isDrawing}
              onClick={work.draw}
            >
              {isDrawing ? strings.route.drawing : strings.route.draw}
            </button>
          )}
          {drawn !== null && (
            <a
              className="button"
              href={routeGeojsonUrl(drawn.id)}
              download={`route-${drawn.id}.geojson`}
              title={strings.route.downloadName}
            >
              <Icon name="download" />
              <span>{strings.route.download}</span>
            </a>
          )}
          {stops.length > 0 && (
            <button type="button" className="button" onClick={work.clear}>
              {strings.clear}
            </button>
          )}
        </div>
      </header>
      <Progress active={isLoading} text={strings.loading} />
      <ErrorNote error={error} />
      {stops.length === 0 && !isLoading && <Note>{strings.route.empty}</Note>}
      {stops.length > 0 && (
        <StopTable stops={stops} route={drawn} onRemove={work.toggle} onPoint={onPoint} />
      )}
      {stops.length === 1 && <p className="hint">{strings.route.oneStop}</p>}
    </section>
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
