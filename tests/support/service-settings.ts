/** The settings that a service reads, by the shape that it checks them with. */
import { describeSettings } from '@messagecore/runtime';
import { PROGRAMS } from '../../deploy/dev/configuration.ts';

export type Program = keyof typeof PROGRAMS;

export interface ServiceSettings {
  readonly known: readonly string[];
  /** Those without a default. */
  readonly required: readonly string[];
}

export function settingsOf(program: Program): ServiceSettings {
  const all = describeSettings(PROGRAMS[program].shape);
  return {
    known: all.map(({ name }) => name),
    required: all.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  };
}
