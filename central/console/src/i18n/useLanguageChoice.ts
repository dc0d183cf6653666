import { useCallback, useEffect, useState } from "react";
import { type Language, LANGUAGES, pickLanguage } from "./strings";

const KEY = "dongseon.language";

/** The language in use, kept in this browser, and the switch to another. */
export function useLanguageChoice(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>(() =>
    pickLanguage([localStorage.getItem(KEY) ?? "", ...navigator.languages]),
  );
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = LANGUAGES[language].title;
  }, [language]);
  const choose = useCallback((next: Language) => {
    localStorage.setItem(KEY, next);
    setLanguage(next);
  }, []);
  return [language, choose];
}
