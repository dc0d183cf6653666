import { type ApiError, UNREACHABLE } from "../api/client";
import { useStrings } from "../i18n/context";

/** What went wrong, in the centre's own words, and the way to ask again. */
export function ErrorNote({ error, retry }: { error: ApiError | null; retry?: () => void }) {
  const strings = useStrings();
  if (error === null) return null;
  return (
    <div className="error-note" role="alert">
      <strong>{strings.error.heading}</strong>
      <span>{error.status === UNREACHABLE ? strings.error.unreachable : error.message}</span>
      {retry && (
        <button type="button" onClick={retry}>
          {strings.retry}
        </button>
      )}
    </div>
  );
}
