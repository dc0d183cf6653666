import type { NextCamera } from "../api/routes";
import { useCameraName } from "../app/CameraNames";
import { clockTime, percent } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";

interface Props {
  camera: NextCamera;
  /** The chance of the first in the list: its bar is full. */
  most: number;
  isChosen: boolean;
  onToggle: (camera: string) => void;
  onPoint: (camera: string | null) => void;
}

/** One camera to look at, how likely, and when. A click chooses it. */
export function NextCameraRow({ camera, most, isChosen, onToggle, onPoint }: Props) {
  const words = useStrings().onward;
  const language = useLanguage();
  const name = useCameraName()(camera.camera);
  const chance = percent(camera.chance, language);
  const time = (iso: string) => clockTime(iso, language);
  return (
    <button
      type="button"
      className="next-camera"
      aria-pressed={isChosen}
      onClick={() => onToggle(camera.camera)}
      onPointerEnter={() => onPoint(camera.camera)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onPoint(camera.camera)}
      onBlur={() => onPoint(null)}
    >
      <b className="camera-label">{name}</b>
      <span className="chance" title={words.chance(chance)}>
        {chance}
      </span>
      <span className="bar" aria-hidden="true">
        <span style={{ width: `${(100 * camera.chance) / Math.max(most, 1e-9)}%` }} />
      </span>
      <span className="window">
        <time dateTime={camera.from}>{words.watch(time(camera.from), time(camera.to))}</time>
        <span className="muted">{words.likely(time(camera.likely))}</span>
        {camera.learnt && <span className="badge">{words.learnt}</span>}
        {camera.passed > 0 && <span className="muted">{words.passed(camera.passed)}</span>}
      </span>
    </button>
  );
}
