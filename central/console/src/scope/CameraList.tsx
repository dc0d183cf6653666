import { useMemo, useState } from "react";
import type { Camera } from "../api/types";
import { useStrings } from "../i18n/context";
import { Note } from "../ui/Note";
import { filterCameras } from "./filterCameras";

interface Props {
  /** Null: not loaded yet. */
  cameras: readonly Camera[] | null;
  chosen: ReadonlySet<string>;
  onToggle: (camera: string) => void;
  onPoint: (camera: string | null) => void;
}

/** A city has thousands; a list is for those one can name. */
const SHOWN = 100;

/** Every camera by name, placed or not: the way to choose without the map. */
export function CameraList({ cameras, chosen, onToggle, onPoint }: Props) {
  const strings = useStrings();
  const [text, setText] = useState("");
  const found = useMemo(() => filterCameras(cameras ?? [], text), [cameras, text]);
  if (cameras?.length === 0) return <Note>{strings.scope.noCameras}</Note>;
  return (
    <div className="camera-list">
      <p className="hint">{strings.scope.chooseHint}</p>
      <input
        type="search"
        placeholder={strings.scope.filter}
        aria-label={strings.scope.filter}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul>
        {found.slice(0, SHOWN).map((camera) => (
          <li
            key={camera.id}
            onPointerEnter={() => onPoint(camera.id)}
            onPointerLeave={() => onPoint(null)}
          >
            <label>
              <input
                type="checkbox"
                checked={chosen.has(camera.id)}
                onChange={() => onToggle(camera.id)}
                onFocus={() => onPoint(camera.id)}
                onBlur={() => onPoint(null)}
              />
              <span className="camera-label" title={camera.id}>
                {camera.name}
              </span>
              {camera.position === null && (
                <span className="badge" title={strings.scope.unplacedHint}>
                  {strings.scope.unplaced}
                </span>
              )}
            </label>
          </li>
        ))}
      </ul>
      {found.length > SHOWN && (
        <p className="hint">{strings.scope.moreCameras(found.length - SHOWN)}</p>
      )}
      {cameras !== null && found.length === 0 && <p className="hint">{strings.scope.noMatch}</p>}
    </div>
  );
}
