import { useCallback, useMemo, useState } from "react";
import { allCameras, attributeSets } from "../api/centre";
import type { ReachableArea, SuggestedPath } from "../api/routes";
import type { AttributeSet, Camera, Position, Radius } from "../api/types";
import { useLoad } from "../api/useLoad";
import { AskField } from "../ask/AskField";
import { LanguageContext } from "../i18n/context";
import { useLanguageChoice } from "../i18n/useLanguageChoice";
import { MapLegend } from "../map/MapLegend";
import { MapView } from "../map/MapView";
import { useLayers } from "../map/useLayers";
import { useSelectedLeg } from "../route/useSelectedLeg";
import { RoutePanel } from "../route/RoutePanel";
import { ScopePanel } from "../scope/ScopePanel";
import { PictureInput } from "../search/PictureInput";
import { ErrorNote } from "../ui/ErrorNote";
import { AttributeSets } from "../words/context";
import { CameraNames } from "./CameraNames";
import { SidePanel } from "./SidePanel";
import { TopBar } from "./TopBar";
import { useConsole } from "./useConsole";

const NO_PATHS: readonly SuggestedPath[] = [];
const NO_AREAS: readonly ReachableArea[] = [];
const NO_CAMERAS: readonly Camera[] = [];
const NO_SETS: readonly AttributeSet[] = [];

export function App() {
  const [language, setLanguage] = useLanguageChoice();
  const cameras = useLoad(allCameras);
  const sets = useLoad(attributeSets);
  const work = useConsole();
  const [pointedAt, point] = useState<string | null>(null);
  const [isDrawing, setDrawing] = useState(false);
  const layers = useLayers(cameras.value ?? NO_CAMERAS);
  const legs = useSelectedLeg(work.route.drawn);
  const [mapCenter, setMapCenter] = useState<Position>({ lon: 0, lat: 0 });

  const names = useMemo(
    () => new Map(cameras.value?.map((camera) => [camera.id, camera.name])),
    [cameras.value],
  );
  const { setRadius, toggleCamera } = work.scope;
  const drawn = useCallback(
    (radius: Radius) => {
      setRadius(radius);
      setDrawing(false);
    },
    [setRadius],
  );

  const suggested = work.suggest.isOpen ? work.suggest.paths : NO_PATHS;
  const areas = (work.tab === "next" ? work.next.answer.value?.areas : null) ?? NO_AREAS;

  return (
    <LanguageContext value={language}>
      <CameraNames value={names}>
        <AttributeSets value={sets.value ?? NO_SETS}>
          <TopBar
            cameraCount={cameras.value?.length ?? null}
            onLanguage={setLanguage}
            ask={<AskField asking={work.asking} onAsk={work.ask} />}
          >
            <PictureInput onPicture={work.searchPicture} />
          </TopBar>
          <main>
            <ScopePanel
              cameras={cameras.value}
              state={work.scope}
              isDrawing={isDrawing}
              mapCenter={mapCenter}
              onDraw={setDrawing}
              onPoint={point}
            />
            <div className="middle">
              <ErrorNote error={cameras.error} retry={cameras.retry} />
              <MapView
                cameras={cameras.value ?? NO_CAMERAS}
                chosen={work.scope.chosen}
                radius={work.scope.radius}
                isDrawing={isDrawing}
                stops={work.route.stops}
                route={work.route.drawn}
                selectedLeg={legs.selected}
                suggested={suggested}
                chosenPath={work.suggest.chosen?.rank ?? null}
                areas={areas}
                links={layers.links.value}
                views={layers.views}
                pointedAt={pointedAt}
                onChoose={toggleCamera}
                onRadius={drawn}
                onCenter={setMapCenter}
              >
                <MapLegend
                  layers={layers}
                  route={work.route.drawn}
                  hasPreview={work.route.drawn === null && work.route.stops.length > 1}
                  hasSuggested={suggested.length > 0}
                  selectedLeg={legs.selected}
                />
              </MapView>
              <RoutePanel
                work={work.route}
                searching={work.searching}
                suggest={work.suggest}
                legs={legs}
                proposing={{ onConfirm: work.toggleStop, onReject: work.reject }}
                isNextOpen={work.tab === "next"}
                chosen={work.scope.chosen}
                onNext={work.toggleNext}
                onChoose={toggleCamera}
                onPoint={point}
              />
            </div>
            <SidePanel work={work} onPoint={point} />
          </main>
        </AttributeSets>
      </CameraNames>
    </LanguageContext>
  );
}
