/**
 * An authenticator of WebAuthn in software, with the browser before it: ES256 keys, attestation `none`, a counter. It tells
 * lies where it is told to.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { GivenCredential, NewCredential, PasskeyCreation, PasskeyRequest } from '@messagecore/protocol/features';

export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly isVerified?: boolean;
  readonly isPresent?: boolean;
  readonly counter?: number;
  readonly crossOrigin?: boolean;
  readonly userHandle?: string;
  /** Of a new credential, in place of a random one. */
  readonly id?: Buffer;
  /** The same, in what the authenticator says and not in what the browser does. */
  readonly credentialId?: Buffer;
  /** Signs with another key. */
  readonly isForged?: boolean;
}

interface Kept {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly userHandle: string;
  counter: number;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;
const AAGUID_BYTES = 16;

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export class Authenticator {
  readonly #origin: string;
  /** Added to a counter with each signature. */
  readonly #step: number;
  #kept: Kept | undefined;

  constructor({ origin, counts = true }: { readonly origin: string; readonly counts?: boolean }) {
    this.#origin = origin;
    this.#step = counts ? 1 : 0;
  }

  /** Makes a credential in place of the one that it has. */
  create(options: PasskeyCreation, lies: Lies = {}): NewCredential {
    const { privateKey, publicKey } = newKeys();
    const { id = randomBytes(32) } = lies;
    this.#kept = { id: id.toString('base64url'), privateKey, userHandle: options.user.id, counter: 0 };
    const { credentialId: said = id } = lies;
    const credential = Buffer.concat([Buffer.alloc(AAGUID_BYTES), uint(said.length, 2), said, coseOf(publicKey)]);
    const authData = this.#authenticatorData(options.rp.id, lies, credential);
    const object = [
      header(5, 3),
      text('fmt'),
      text('none'),
      text('attStmt'),
      header(5, 0),
      text('authData'),
      bytes(authData),
    ];
    return this.#answer({
      clientDataJSON: this.#clientData('webauthn.create', options.challenge, lies).toString('base64url'),
      attestationObject: Buffer.concat(object).toString('base64url'),
    });
  }

  /** Signs with the credential that it has. */
  get(options: PasskeyRequest, lies: Lies = {}): GivenCredential {
    const kept = this.#credential();
    kept.counter += this.#step;
    const authData = this.#authenticatorData(options.rpId, lies);
    const clientData = this.#clientData('webauthn.get', options.challenge, lies);
    const key = lies.isForged === true ? newKeys().privateKey : kept.privateKey;
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', Buffer.concat([authData, sha256(clientData)]), key).toString('base64url'),
      userHandle: lies.userHandle ?? kept.userHandle,
    });
  }

  #credential(): Kept {
    if (this.#kept === undefined) throw new Error('the authenticator has no credential');
    return this.#kept;
  }

  #answer<R>(response: R) {
    const { id } = this.#credential();
    return { id, rawId: id, type: 'public-key' as const, response };
  }

  #clientData(type: string, asked: string, { challenge = asked, origin = this.#origin, crossOrigin = false }: Lies) {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));
  }

  #authenticatorData(asked: string, lies: Lies, credential = Buffer.alloc(0)): Buffer {
    const { rpId = asked, isVerified = true, isPresent = true, counter = this.#credential().counter } = lies;
    const flags =
      (isPresent ? USER_PRESENT : 0) | (isVerified ? USER_VERIFIED : 0) | (credential.length > 0 ? HAS_CREDENTIAL : 0);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), uint(counter, 4), credential]);
  }
}

function uint(value: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  buffer.writeUIntBE(value, 0, size);
  return buffer;
}

/** Of an item of CBOR: its major type, and its value or length. */
function header(major: number, value: number): Buffer {
  const type = major << 5;
  if (value < 24) return Buffer.from([type | value]);
  return value < 256 ? Buffer.from([type | 24, value]) : Buffer.concat([Buffer.from([type | 25]), uint(value, 2)]);
}

const bytes = (value: Buffer) => Buffer.concat([header(2, value.length), value]);
const text = (value: string) => Buffer.concat([header(3, value.length), Buffer.from(value)]);
const integer = (value: number) => (value < 0 ? header(1, -1 - value) : header(0, value));

/** A key of P-256 for ES256, in COSE. */
function coseOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const parts: readonly (readonly [number, Buffer])[] = [
    [1, integer(2)],
    [3, integer(-7)],
    [-1, integer(1)],
    [-2, bytes(Buffer.from(x, 'base64url'))],
    [-3, bytes(Buffer.from(y, 'base64url'))],
  ];
  return Buffer.concat([header(5, parts.length), ...parts.flatMap(([label, value]) => [integer(label), value])]);
}
