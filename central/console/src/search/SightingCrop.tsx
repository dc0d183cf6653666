import type { Sighting } from "../api/types";
import { dateAndTime } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";

/** The picture of a sighting. */
export function SightingCrop({ sighting, camera }: { sighting: Sighting; camera: string }) {
  const strings = useStrings();
  const language = useLanguage();
  const kind = strings.objectClass[sighting.object_class];
  return (
    <img
      className="crop"
      src={sighting.crop_url}
      alt={strings.cropOf(kind, camera, dateAndTime(sighting.first_seen, language))}
      loading="lazy"
      decoding="async"
    />
  );
}
