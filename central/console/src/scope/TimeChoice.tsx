import { useStrings } from "../i18n/context";
import { Segmented } from "../ui/Segmented";
import {
  fromLocalField,
  isReversed,
  PRESETS,
  type TimeWindow,
  toLocalField,
  windowOf,
} from "./timeWindow";

interface Props {
  value: TimeWindow;
  onChange: (window: TimeWindow) => void;
}

/** A preset, or two times in the browser's zone. */
export function TimeChoice({ value, onChange }: Props) {
  const strings = useStrings();
  return (
    <div className="time-choice">
      <Segmented
        label={strings.scope.time}
        name="time"
        value={value.preset}
        onChange={(preset) => onChange(windowOf(preset, Date.now(), value))}
        options={PRESETS.map((preset) => ({
          value: preset,
          text: strings.scope.preset[preset],
          title: strings.scope.presetName[preset],
        }))}
      />
      {value.preset === "custom" &&
        (["from", "to"] as const).map((end) => (
          <label key={end} className="field">
            <span>{strings.scope[end]}</span>
            <input
              type="datetime-local"
              step={1}
              value={toLocalField(value[end])}
              onChange={(event) =>
                onChange({ ...value, [end]: fromLocalField(event.target.value) })
              }
            />
          </label>
        ))}
      {isReversed(value) && <p className="warning">{strings.scope.reversed}</p>}
    </div>
  );
}
