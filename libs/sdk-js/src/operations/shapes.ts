/** Made by `generate.ts` from the definitions of the operations: what occurs in their answers. */
export interface Device {
  clientId: string;
  platform: string | null;
  createdAt: number;
  lastSeenAt: number;
  revokedAt: number | null;
}

export interface Participant {
  userId: string;
  externalId: string | null;
  displayName: string;
  role: 'owner' | 'admin' | 'member';
  joinedAt: number;
  mutedUntil: number | null;
  readPos: number;
}

export interface ReadPosition {
  pos: number;
  unread: number;
}
