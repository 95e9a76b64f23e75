import type { ReactNode } from 'react';
import type { Presence } from '../chat/state.ts';
import { Avatar } from '../ui/avatar.tsx';

export interface PersonRowProps {
  readonly id: string;
  readonly name: string;
  readonly note?: string | undefined;
  /** Whether that person is there. */
  readonly presence?: Presence | undefined;
  /** Buttons. */
  readonly children?: ReactNode;
}

export function PersonRow({ id, name, note, presence, children }: PersonRowProps) {
  return (
    <div className="person">
      <Avatar id={id} name={name} size="small" presence={presence} />
      <span className="person-name">
        <bdi>{name}</bdi>
        {note !== undefined && note !== '' && <small>{note}</small>}
      </span>
      <span className="person-actions">{children}</span>
    </div>
  );
}
