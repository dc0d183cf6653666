import type { Sighting } from "../api/types";
import { dateAndTime } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";

/** The picture of a sighting, or why there is none. */
export function SightingCrop({ sighting, camera }: { sighting: Sighting; camera: string }) {
  const strings = useStrings();
  const language = useLanguage();
  const kind = strings.objectClass[sighting.object_class];
  const alt = strings.cropOf(kind, camera, dateAndTime(sighting.first_seen, language));
  if (sighting.crop_revision === null) {
    const why = sighting.crop_gone ? strings.cropGone : strings.cropLater;
    return (
      <span className="crop no-crop" role="img" aria-label={`${alt}: ${why}`}>
        {why}
      </span>
    );
  }
  return <img className="crop" src={sighting.crop_url} alt={alt} loading="lazy" decoding="async" />;
}
