import type { SuggestedPath } from "../api/routes";
import { useCameraName } from "../app/CameraNames";
import { percent } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { Icon } from "../ui/Icon";
import { Progress } from "../ui/Note";
import type { SuggestWork } from "./useSuggest";

/** The likeliest ways through the matches; the chosen one's stops stand in the list of the route. */
export function SuggestPanel({ work }: { work: SuggestWork }) {
  const words = useStrings().onward.suggest;
  if (!work.isPossible) return null;
  if (!work.isOpen) {
    return (
      <div className="panel-row">
        <button type="button" className="button" title={words.hint} onClick={work.open}>
          <Icon name="route" />
          <span>{words.button}</span>
        </button>
      </div>
    );
  }
  const { answer, paths, proposals } = work;
  return (
    <section className="suggest" aria-label={words.heading} aria-busy={answer.loading}>
      <header className="panel-row">
        <h2>{words.heading}</h2>
        <button type="button" className="quiet panel-actions" onClick={work.close}>
          <Icon name="close" label={words.close} />
        </button>
      </header>
      <Progress active={answer.loading} text={words.working} />
      <ErrorNote error={answer.error} retry={answer.retry} />
      {answer.value !== null && paths.length === 0 && <p className="hint">{words.none}</p>}
      {answer.value !== null && answer.value.clashes.length > 0 && (
        <p className="warning">{words.clashes(answer.value.clashes.length)}</p>
      )}
      <ul>
        {paths.map((path) => (
          <li key={path.rank}>
            <PathButton
              path={path}
              all={paths}
              isChosen={path === work.chosen}
              onChoose={() => work.choose(path.rank)}
            />
          </li>
        ))}
      </ul>
      {proposals.length > 0 && (
        <p className="hint" role="status">
          {words.open(proposals.length)}
        </p>
      )}
    </section>
  );
}

interface PathProps {
  path: SuggestedPath;
  all: readonly SuggestedPath[];
  isChosen: boolean;
  onChoose: () => void;
}

function PathButton({ path, all, isChosen, onChoose }: PathProps) {
  const words = useStrings().onward.suggest;
  const language = useLanguage();
  return (
    <button type="button" className="path" aria-pressed={isChosen} onClick={onChoose}>
      <b>{words.path(path.rank)}</b>
      <span>{words.stops(path.stops.length)}</span>
      <span className="muted">{words.share(percent(path.share, language))}</span>
      <Differs path={path} all={all} />
    </button>
  );
}

/** What it has besides the first one, and lacks of it. */
function Differs({ path, all }: Pick<PathProps, "path" | "all">) {
  const words = useStrings().onward.suggest;
  const nameOf = useCameraName();
  const cameras = new Map(
    all.flatMap(({ stops }) => stops).map(({ sighting }) => [sighting.id, sighting.camera]),
  );
  const named = (ids: readonly string[]) => ids.map((id) => nameOf(cameras.get(id) ?? id));
  const parts = [
    path.adds.length > 0 && words.adds(named(path.adds).join(", ")),
    path.drops.length > 0 && words.drops(named(path.drops).join(", ")),
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : <span className="differs">{parts.join(" · ")}</span>;
}
