import type { SubmitEvent } from "react";
import { useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import type { Asking } from "./useAsking";

interface Props {
  asking: Asking;
  onAsk: () => void;
}

/** Asks by words, or by a plate. */
export function AskField({ asking, onAsk }: Props) {
  const strings = useStrings();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (asking.text.trim() !== "") onAsk();
  };
  return (
    <form className="ask" role="search" aria-busy={asking.isReading} onSubmit={submit}>
      <input
        type="text"
        enterKeyHint="search"
        maxLength={500}
        placeholder={strings.ask.example}
        aria-label={strings.ask.field}
        value={asking.text}
        onChange={(event) => asking.setText(event.target.value)}
      />
      <button type="submit" className="quiet" title={strings.ask.submit}>
        <Icon name="search" label={strings.ask.submit} />
      </button>
    </form>
  );
}
