import type { NextAnswer } from "../api/routes";
import { MEANS } from "../api/routes";
import { useCameraName } from "../app/CameraNames";
import { percent } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { Note, Progress } from "../ui/Note";
import { Segmented } from "../ui/Segmented";
import { When } from "../ui/When";
import { AreaKey } from "./AreaKey";
import { NextCameraRow } from "./NextCameraRow";
import type { NextWork } from "./useNext";

interface Props {
  work: NextWork;
  chosen: ReadonlySet<string>;
  onToggle: (camera: string) => void;
  onChoose: (cameras: readonly string[]) => void;
  onPoint: (camera: string | null) => void;
}

const MOST_MINUTES = 60;

/** Where they can be after the last stop, and which cameras are likely to see them next. */
export function NextPanel({ work, ...act }: Props) {
  const words = useStrings().onward;
  const nameOf = useCameraName();
  const { last, answer } = work;
  if (last === null) return <Note>{words.noStop}</Note>;
  return (
    <div className="panel-body next" aria-busy={answer.loading}>
      <p>
        <b>{words.lastSeen(nameOf(last.camera))}</b> <When iso={last.left} />
      </p>
      <Moment work={work} />
      <MeansChoice work={work} />
      <ErrorNote error={answer.error} retry={answer.retry} />
      {answer.value !== null ? (
        <Answer answer={answer.value} {...act} />
      ) : (
        <Progress active={answer.loading} text={words.working} />
      )}
    </div>
  );
}

function Moment({ work: { after, setAfter } }: { work: NextWork }) {
  const words = useStrings().onward;
  return (
    <div className="panel-row wraps">
      <Segmented
        label={words.moment}
        name="moment"
        value={after === null ? "now" : "after"}
        onChange={(value) => setAfter(value === "now" ? null : 5)}
        options={[
          { value: "now", text: words.now },
          { value: "after", text: words.after },
        ]}
      />
      {after !== null && (
        <label className="slider">
          <input
            type="range"
            min={1}
            max={MOST_MINUTES}
            value={after}
            aria-label={words.after}
            aria-valuetext={words.minutes(after)}
            onChange={(event) => setAfter(event.target.valueAsNumber)}
          />
          <output>{words.minutes(after)}</output>
        </label>
      )}
    </div>
  );
}

function MeansChoice({ work: { means, setMeans } }: { work: NextWork }) {
  const words = useStrings().onward;
  return (
    <div className="panel-row" role="group" aria-label={words.meansLabel}>
      {MEANS.map((each) => (
        <label key={each} className="check">
          <input
            type="checkbox"
            checked={means.includes(each)}
            onChange={() => setMeans(MEANS.filter((one) => means.includes(one) !== (one === each)))}
          />
          {words.means[each]}
        </label>
      ))}
    </div>
  );
}

function Answer({
  answer,
  chosen,
  onToggle,
  onChoose,
  onPoint,
}: Omit<Props, "work"> & { answer: NextAnswer }) {
  const words = useStrings().onward;
  const language = useLanguage();
  const { cameras, areas, note, unseen } = answer;
  return (
    <>
      {note !== null && (
        <p className="hint">{areas.length === 0 ? words.notPlaced : words.noNetwork}</p>
      )}
      <AreaKey areas={areas} />
      <div className="panel-row">
        <h2>{words.cameras}</h2>
        {cameras.length > 0 && (
          <button
            type="button"
            className="button panel-actions"
            onClick={() => onChoose(cameras.map(({ camera }) => camera))}
          >
            {words.chooseAll(cameras.length)}
          </button>
        )}
      </div>
      {cameras.length === 0 && <p className="hint">{words.none}</p>}
      <ol className="next-cameras">
        {cameras.map((camera) => (
          <li key={camera.camera}>
            <NextCameraRow
              camera={camera}
              most={cameras[0]?.chance ?? 1}
              isChosen={chosen.has(camera.camera)}
              onToggle={onToggle}
              onPoint={onPoint}
            />
          </li>
        ))}
      </ol>
      {cameras.length > 0 && <p className="hint">{words.unseen(percent(unseen, language))}</p>}
    </>
  );
}
