import { once } from 'node:events';
import { connect } from 'node:net';
import { reservePort } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { startMailbox } from './mailbox.ts';

async function mailbox() {
  const box = await startMailbox(await reservePort());
  onTestFinished(() => box.stop());
  return box;
}

/** Hands a mail in as a mail server does; the last answer of the server. */
async function handIn(url: string, content: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  const next = async () => {
    do answer = String((await once(socket, 'data'))[0]);
    while (!/^\d{3} /m.test(answer));
  };
  await next();
  for (const line of ['EHLO test', 'MAIL FROM:<chat@localhost>', 'RCPT TO:<ann@example.com>', 'DATA']) {
    socket.write(`${line}\r\n`);
    await next();
  }
  socket.write(content);
  socket.write('\r\n.\r\n');
  await next();
  return answer;
}

test('mails are shown with whom they are for, the newest first', async () => {
  const box = await mailbox();
  expect(box.text()).toContain('No mail');
  for (const name of ['first', 'second']) {
    expect(await handIn(box.url, `To: ann@example.com\r\nSubject: the ${name}\r\n\r\nhello ${name}`)).toMatch(/^250/);
  }
  const [newest, oldest] = box.text().split('────────');
  expect(newest).toContain('To: ann@example.com');
  expect([newest, oldest]).toEqual([expect.stringContaining('hello second'), expect.stringContaining('hello first')]);
});

test('what is no mail, and one that is too large, ends nothing', async () => {
  const box = await mailbox();
  await handIn(box.url, Buffer.from([0, 255, 10, 13, 10, 254]));
  expect(await handIn(box.url, `Subject: large\r\n\r\n${'x'.repeat(2 * 1024 * 1024)}`)).toMatch(/^5/);
  expect(await handIn(box.url, 'Subject: small\r\n\r\nstill here')).toMatch(/^250/);
  expect(box.text()).toContain('still here');
  expect(box.text()).not.toContain('large');
});
