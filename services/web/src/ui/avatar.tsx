import type { CSSProperties } from 'react';
import { hueOf, initialsOf } from '../chat/format.ts';
import type { Presence } from '../chat/state.ts';
import { PresenceDot } from './presence-dot.tsx';

export interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly size?: 'small' | 'large';
  /** Whether that person is there. */
  readonly presence?: Presence | undefined;
}

/** Initials on a colour of their own, decoration beside a name, and whether that person is there. */
export function Avatar({ id, name, size, presence }: AvatarProps) {
  const style = { '--hue': hueOf(id) } as CSSProperties;
  return (
    <span className={`avatar ${size ?? ''}`} style={style}>
      <span aria-hidden="true">{initialsOf(name)}</span>
      <PresenceDot presence={presence} />
    </span>
  );
}
