import { and, eq } from '../../platform/database/drizzle.ts';
import { devices } from '../../core/users/tables.ts';
import { signIns } from './tables.ts';

/** The device of a sign-in that counts: whatever revokes the device gives it another generation. */
export const isItsDevice = and(
  eq(devices.userId, signIns.userId),
  eq(devices.clientId, signIns.clientId),
  eq(devices.generation, signIns.generation),
);
