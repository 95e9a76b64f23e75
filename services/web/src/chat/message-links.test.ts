import { expect, test } from 'vitest';
import { addressOf, partsOf } from './message-links.ts';

const PAGE = 'https://chat.example.com/app/';
const CID = '10000000-0000-4000-8000-000000000001';
const linksIn = (text: string) => partsOf(text, PAGE).flatMap((part) => (typeof part === 'string' ? [] : [part.href]));
const placesIn = (text: string) =>
  partsOf(text, PAGE).flatMap((part) => (typeof part === 'string' ? [] : [part.place]));

test('the address of a message leads to it', () => {
  const place = { cid: CID, seq: 12 };
  expect(placesIn(`see ${addressOf(place, PAGE)}, there`)).toEqual([place]);
});

test.each([
  ['no address', []],
  ['https://a.example', ['https://a.example']],
  ['two: http://a.example/x?y=1#z and https://b.example.', ['http://a.example/x?y=1#z', 'https://b.example']],
  ['(https://a.example/b)', ['https://a.example/b']],
  ['https://en.example/wiki/A_(b)', ['https://en.example/wiki/A_(b)']],
  ['看https://a.example/路，对吧', ['https://a.example/路']],
  ['https://a.example/?to=https://b.example', ['https://a.example/?to=https://b.example']],
  ['javascript:alert(1) data:text/html,x ftp://a.example', []],
])('what leads somewhere in “%s”', (text, links) => {
  expect(linksIn(text)).toEqual(links);
  const parts = partsOf(text, PAGE);
  expect(parts.map((part) => (typeof part === 'string' ? part : part.href)).join('')).toBe(text);
});

test.each([
  `${PAGE}#room=${CID}`,
  `${PAGE}#room=${CID}&seq=0`,
  `${PAGE}#room=${CID}&seq=x`,
  `https://other.example/#room=${CID}&seq=1`,
])('no message of this installation: %s', (address) => {
  expect(placesIn(address)).toEqual([undefined]);
});
