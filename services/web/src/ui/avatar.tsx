import type { CSSProperties } from 'react';
import { hueOf, initialsOf } from '../chat/format.ts';

export interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly size?: 'small' | 'large';
}

/** Initials on a colour of their own. Decoration: the name always stands beside it. */
export function Avatar({ id, name, size }: AvatarProps) {
  const style = { '--hue': hueOf(id) } as CSSProperties;
  return (
    <span className={`avatar ${size ?? ''}`} style={style} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
