import type { Route } from "../api/routes";
import { LEG_TYPES } from "../api/routes";
import { useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { LineSample, type Sample } from "../ui/LineSample";
import type { Layers } from "./useLayers";

interface Props {
  layers: Layers;
  route: Route | null;
  hasPreview: boolean;
  hasSuggested: boolean;
  selectedLeg: number | null;
}

/** The switches of what may be laid over the map, and what each line on it means. */
export function MapLegend({ layers, ...shown }: Props) {
  const strings = useStrings();
  const { layers: words, noLinks } = strings.legs;
  const switches: [string, boolean, (shows: boolean) => void][] = [
    [words.views, layers.showsViews, layers.setShowsViews],
    [words.links, layers.showsLinks, layers.setShowsLinks],
  ];
  const lines = useLines(layers, shown);
  return (
    <div className="map-legend">
      <div role="group" aria-label={words.heading}>
        {switches.map(([text, isOn, set]) => (
          <label key={text}>
            <input type="checkbox" checked={isOn} onChange={(event) => set(event.target.checked)} />
            {text}
          </label>
        ))}
      </div>
      {layers.links.value?.features.length === 0 && layers.showsLinks && (
        <p className="hint">{noLinks}</p>
      )}
      <ErrorNote error={layers.links.error} retry={layers.links.retry} />
      {lines.length > 0 && (
        <ul aria-label={strings.legs.legend.heading}>
          {lines.map(([sample, text]) => (
            <li key={sample}>
              <LineSample kind={sample} />
              {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Only what is on the map is explained. */
function useLines(layers: Layers, shown: Omit<Props, "layers">): [Sample, string][] {
  const { type, legend } = useStrings().legs;
  const { route, hasPreview, hasSuggested, selectedLeg } = shown;
  const legs = route?.legs ?? [];
  const present = new Set(legs.map((leg) => leg.type));
  const selected = legs.find((leg) => leg.from === selectedLeg);
  const hasGaps = legs.some((leg) => leg.type !== "OBSERVED" && leg.gaps.length > 0);
  const lines: [Sample, string, boolean][] = [
    ...LEG_TYPES.map((each): [Sample, string, boolean] => [each, type[each], present.has(each)]),
    ["gap", legend.gap, hasGaps],
    ["other", legend.other, (selected?.ways.length ?? 0) > 1],
    ["preview", legend.preview, hasPreview],
    ["suggested", legend.suggested, hasSuggested],
    ["link", legend.links, layers.showsLinks],
    ["link-few", legend.linksFew, layers.showsLinks],
    ["view", legend.views, layers.showsViews],
  ];
  return lines.filter(([, , isShown]) => isShown).map(([sample, text]) => [sample, text]);
}
