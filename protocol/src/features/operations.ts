/** All operations. A new one is defined in the file of its area, and carried out by the same area of the chat-service. */
import { listDevices, revokeAllDevices, revokeDevice } from './device-operations.ts';
import { moveReadPosition } from './message-operations.ts';
import { listParticipants } from './participant-operations.ts';

export const OPERATIONS = [listDevices, revokeDevice, revokeAllDevices, listParticipants, moveReadPosition] as const;
