import { useCallback, useRef, useState } from "react";
import { parseQuestion } from "../api/centre";
import { type ApiError, asApiError } from "../api/client";
import type { Asked } from "../api/types";
import { saysNothing, type Words, wordsOfQuestion } from "./question";

export interface Asking {
  /** What stands in the field. */
  text: string;
  setText: (text: string) => void;
  /** The sentence that was read last, as it was understood. */
  words: Words | null;
  /** What it asks for; null: nothing. */
  asked: Asked | null;
  isReading: boolean;
  error: ApiError | null;
  /** Has the centre read the sentence. */
  submit: () => void;
  /** Asks for `asked` instead: a chip was taken away. */
  change: (asked: Asked) => void;
  clear: () => void;
}

/** A question in words, from the field to what it asks for. */
export function useAsking(): Asking {
  const [text, setText] = useState("");
  const [words, setWords] = useState<Words | null>(null);
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef<AbortController>(null);

  const submit = () => {
    running.current?.abort();
    running.current = new AbortController();
    const { signal } = running.current;
    setReading(true);
    setError(null);
    parseQuestion(text, signal)
      .then((parsed) => !signal.aborted && setWords(wordsOfQuestion(text, parsed)))
      .catch((failure: unknown) => !signal.aborted && setError(asApiError(failure)))
      .finally(() => !signal.aborted && setReading(false));
  };
  const clear = useCallback(() => {
    running.current?.abort();
    setText("");
    setWords(null);
    setReading(false);
    setError(null);
  }, []);
  return {
    text,
    setText,
    words,
    asked: words === null || saysNothing(words.asked) ? null : words.asked,
    isReading,
    error,
    submit,
    change: (asked) => words !== null && setWords({ ...words, asked }),
    clear,
  };
}
