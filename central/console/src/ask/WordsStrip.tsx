import type { Asked } from "../api/types";
import { useLanguage, useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { useAttributeSets } from "../words/context";
import { chipsOf, widerOf, type Words } from "./question";

interface Props {
  words: Words;
  onChange: (asked: Asked) => void;
  onClear: () => void;
}

/** What was understood of the sentence, each part to be taken away, and what was not. */
export function WordsStrip({ words, onChange, onClear }: Props) {
  const strings = useStrings();
  const sets = useAttributeSets();
  const language = useLanguage();
  const chips = chipsOf(words, sets, language, strings);
  const wider = widerOf(words, sets, language, strings);
  return (
    <div className="query-strip" role="group" aria-label={strings.ask.heading}>
      <div className="words-asked">
        <span className="eyebrow" title={words.text}>
          {strings.ask.heading}
        </span>
        {chips.length === 0 && <span className="hint">{strings.ask.nothing}</span>}
        <ul className="chips">
          {chips.map((chip) => (
            <li key={chip.key} className="chip">
              <span>{chip.text}</span>
              <button type="button" className="quiet" onClick={() => onChange(chip.without)}>
                <Icon name="close" label={strings.ask.remove(chip.text)} />
              </button>
            </li>
          ))}
        </ul>
        {wider.length > 0 && <span className="warning">{strings.ask.wider(wider.join(", "))}</span>}
        {words.unused.length > 0 && (
          <span className="warning">{strings.ask.unused(words.unused.join(", "))}</span>
        )}
      </div>
      <button type="button" className="quiet" onClick={onClear} title={strings.ask.clear}>
        <Icon name="close" label={strings.ask.clear} />
      </button>
    </div>
  );
}
