import { reportUrl, routeFileUrl } from "../api/centre";
import { ROUTE_FILES } from "../api/routes";
import { useLanguage, useStrings } from "../i18n/context";
import { useStated } from "../purpose/purpose";
import { Icon } from "../ui/Icon";

/** The route as a file of each kind, and as a page to be printed. */
export function ExportMenu({ routeId }: { routeId: string }) {
  const { menu, kinds, report } = useStrings().onward.exports;
  const language = useLanguage();
  const why = useStated();
  return (
    <details className="menu" onBlur={closeWhenLeft}>
      <summary className="button">
        <Icon name="download" />
        <span>{menu}</span>
      </summary>
      <ul>
        {ROUTE_FILES.map((kind) => (
          <li key={kind}>
            <a href={routeFileUrl(routeId, kind, why)} download={`route-${routeId}.${kind}`}>
              {kinds[kind]}
            </a>
          </li>
        ))}
        <li>
          <a href={reportUrl(routeId, language, why)} target="_blank" rel="noreferrer">
            {report}
          </a>
        </li>
      </ul>
    </details>
  );
}

function closeWhenLeft(event: React.FocusEvent<HTMLDetailsElement>): void {
  if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false;
}
