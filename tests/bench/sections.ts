import { drainSection } from './drain/drain-section.ts';
import { effectsSection } from './effects/effects-section.ts';
import { fanoutSection } from './fanout/fanout-section.ts';
import { historySection } from './history/history-section.ts';
import { hostileSection } from './hostile/hostile-section.ts';
import { liveSection } from './live/live-section.ts';
import { memorySection } from './memory/memory-section.ts';
import { ordinarySection } from './ordinary/ordinary-section.ts';
import { peopleSection } from './people/people-section.ts';
import type { Section } from './section.ts';
import { readsSection } from './reads/reads-section.ts';
import { signInsSections } from './sign-ins/sign-ins-section.ts';
import { stormSection } from './storm/storm-section.ts';
import { telemetrySection } from './telemetry/telemetry-section.ts';
import { waySection } from './way/way-section.ts';
import { writeSection } from './write/write-section.ts';

/** In the order in which they run. */
export const SECTIONS: readonly Section[] = [
  writeSection,
  fanoutSection,
  waySection,
  memorySection,
  stormSection,
  drainSection,
  hostileSection,
  peopleSection,
  historySection,
  readsSection,
  liveSection,
  ...signInsSections,
  effectsSection,
  telemetrySection,
  ordinarySection,
];
