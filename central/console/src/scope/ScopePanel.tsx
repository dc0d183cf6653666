import type { Camera, ObjectClass, Position } from "../api/types";
import { useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { Segmented } from "../ui/Segmented";
import { AttributeFilter } from "../words/AttributeFilter";
import { CameraList } from "./CameraList";
import { RadiusTool } from "./RadiusTool";
import { TimeChoice } from "./TimeChoice";
import type { ScopeState } from "./useScope";

interface Props {
  cameras: readonly Camera[] | null;
  state: ScopeState;
  isDrawing: boolean;
  mapCenter: Position;
  onDraw: (isDrawing: boolean) => void;
  onPoint: (camera: string | null) => void;
}

const CLASSES = ["any", "person", "vehicle", "two_wheeler"] as const;

/** Which cameras, when, and what kind of object. */
export function ScopePanel({ cameras, state, isDrawing, mapCenter, onDraw, onPoint }: Props) {
  const strings = useStrings();
  const { chosen, radius, inRadius } = state;
  const isNarrowed = chosen.size > 0 || radius !== null;
  const isRadiusEmpty = inRadius.value?.length === 0 && !inRadius.loading;
  return (
    <section className="scope" aria-label={strings.scope.heading}>
      <h2>{strings.scope.time}</h2>
      <TimeChoice value={state.window} onChange={state.setWindow} />
      <h2>{strings.scope.object}</h2>
      <Segmented
        label={strings.scope.object}
        name="object-class"
        value={state.objectClass ?? "any"}
        onChange={(value) =>
          state.setObjectClass(value === "any" ? null : (value satisfies ObjectClass))
        }
        options={CLASSES.map((value) => ({ value, text: strings.objectClass[value] }))}
      />
      <AttributeFilter
        objectClass={state.objectClass}
        wanted={state.wanted}
        leastConfidence={state.leastConfidence}
        onWanted={state.setWanted}
        onLeast={state.setLeastConfidence}
      />
      <div className="scope-cameras">
        <h2>{strings.scope.cameras}</h2>
        <span className="muted" role="status">
          {isNarrowed ? strings.scope.chosen(chosen.size) : strings.scope.allCameras}
        </span>
        {isNarrowed && (
          <button type="button" className="quiet" onClick={state.clearCameras}>
            {strings.clear}
          </button>
        )}
      </div>
      <RadiusTool
        radius={radius}
        isDrawing={isDrawing}
        mapCenter={mapCenter}
        onDraw={onDraw}
        onChange={state.setRadius}
      />
      <ErrorNote error={inRadius.error} retry={inRadius.retry} />
      {isRadiusEmpty && <p className="warning">{strings.scope.noneInRadius}</p>}
      <CameraList
        cameras={cameras}
        chosen={chosen}
        onToggle={state.toggleCamera}
        onPoint={onPoint}
      />
    </section>
  );
}
