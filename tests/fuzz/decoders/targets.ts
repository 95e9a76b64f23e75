import type { Target } from '../target.ts';
import { busPayloads } from './bus-payloads.ts';
import { clientFrames } from './client-frames.ts';
import { serverFrames } from './server-frames.ts';
import { tokens } from './tokens.ts';

/** Everything that makes something of bytes that came from elsewhere. */
export const decoders: readonly Target[] = [...clientFrames, ...busPayloads, ...tokens, ...serverFrames];
