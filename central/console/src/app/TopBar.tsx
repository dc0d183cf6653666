import type { ReactNode } from "react";
import { useLanguage, useStrings } from "../i18n/context";
import { type Language, LANGUAGES } from "../i18n/strings";
import { PurposeField } from "../purpose/PurposeField";
import { Segmented } from "../ui/Segmented";

interface Props {
  cameraCount: number | null;
  onLanguage: (language: Language) => void;
  ask: ReactNode;
  children: ReactNode;
}

export function TopBar({ cameraCount, onLanguage, ask, children }: Props) {
  const strings = useStrings();
  const language = useLanguage();
  return (
    <header className="top-bar">
      <img src="/icon.svg" alt="" width={22} height={22} />
      <h1>{strings.title}</h1>
      <p className="muted">{strings.subtitle}</p>
      {ask}
      <PurposeField />
      <div className="top-actions">
        {cameraCount !== null && (
          <span className="muted" role="status">
            {strings.cameraCount(cameraCount)}
          </span>
        )}
        {children}
        <Segmented
          label="Language / 언어"
          name="language"
          value={language}
          onChange={onLanguage}
          options={(["en", "ko"] as const).map((value) => ({
            value,
            text: value.toUpperCase(),
            title: LANGUAGES[value].language,
          }))}
        />
      </div>
    </header>
  );
}
