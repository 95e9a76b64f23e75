/** One table of messages and hash partitions of it, at several sizes, each in a database of its own. */
import { databaseUrl, dropDatabase } from '@messagecore/dev-servers';
import type { LayoutOptions } from '../options.ts';
import { keepLine, tableOf } from '../run/figures.ts';
import { say } from '../run/say.ts';
import { fillQuickly, measureWithin, type Place } from '../run/server.ts';
import { fill } from './fill.ts';
import { databaseOf, nameOf } from './layouts.ts';
import { measureMessages } from './measure-messages.ts';
import { changeTenth, measureVacuum } from './measure-vacuum.ts';

export async function measureLayouts(place: Place, { sizes, layouts, steps }: LayoutOptions): Promise<string> {
  let table = '';
  for (const rows of sizes) {
    for (const partitions of layouts) {
      if (steps !== 'measure') await fillQuickly(place, (url) => fill(url, partitions, rows));
      if (steps !== 'fill') table = await measureOne(place, partitions, rows);
    }
  }
  return table;
}

async function measureOne(place: Place, partitions: number, rows: number): Promise<string> {
  say(`${nameOf(partitions)}, ${rows} messages`);
  const line = await measureWithin(place, (url) => measureMessages(url, partitions, rows));
  await fillQuickly(place, (url) => changeTenth(url, partitions, rows));
  const vacuum = await measureWithin(place, (url) => measureVacuum(url, partitions, rows));
  await fillQuickly(place, (url) => dropDatabase(databaseUrl(url, databaseOf(partitions, rows))));
  return tableOf(await keepLine(place.dir, 'messages', { ...line, values: { ...line.values, ...vacuum } }));
}
