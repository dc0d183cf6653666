import type { Position, Radius } from "../api/types";
import { useStrings } from "../i18n/context";
import { DEFAULT_METRES } from "../map/tools";
import { Icon } from "../ui/Icon";

interface Props {
  radius: Radius | null;
  isDrawing: boolean;
  mapCenter: Position;
  onDraw: (isDrawing: boolean) => void;
  onChange: (radius: Radius | null) => void;
}

/** A radius drawn with the pointer, or set by the keyboard around the middle of the map. */
export function RadiusTool({ radius, isDrawing, mapCenter, onDraw, onChange }: Props) {
  const strings = useStrings();
  const atCenter = () => onChange({ center: mapCenter, metres: radius?.metres ?? DEFAULT_METRES });
  const setMetres = (metres: number) => {
    if (radius !== null && metres > 0) onChange({ ...radius, metres });
  };
  return (
    <div className="radius-tool">
      <button
        type="button"
        className="button"
        aria-pressed={isDrawing}
        onClick={() => onDraw(!isDrawing)}
      >
        <Icon name="radius" />
        <span>{isDrawing ? strings.scope.drawing : strings.scope.drawRadius}</span>
      </button>
      <button type="button" className="button" onClick={atCenter}>
        {strings.scope.centreHere}
      </button>
      {radius !== null && (
        <div className="radius-value">
          <label className="field">
            <span>{strings.scope.metres}</span>
            <input
              type="number"
              min={1}
              max={50_000}
              value={radius.metres}
              onChange={(event) => setMetres(event.target.valueAsNumber)}
            />
          </label>
          <button
            type="button"
            className="quiet"
            title={strings.scope.removeRadius}
            onClick={() => onChange(null)}
          >
            <Icon name="close" label={strings.scope.removeRadius} />
          </button>
        </div>
      )}
    </div>
  );
}
