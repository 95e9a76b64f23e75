/** The texts of mails about accounts. */
import type { Mail } from '../../platform/mail/mailer.ts';

export type Locale = 'en' | 'zh';
export type MailKind =
  | 'confirm'
  | 'invitation'
  | 'has_account'
  | 'reset'
  | 'no_account'
  | 'password_changed'
  | 'passkey_added';

interface Text {
  readonly subject: string;
  /** What it is about. */
  readonly lines: readonly string[];
  /** Stands before the link or the code. */
  readonly action?: string;
  readonly ending: string;
}

type Texts = Record<MailKind, (tenant: string) => Text>;

const EN: Texts = {
  confirm: (tenant) => ({
    subject: `Confirm your address for ${tenant}`,
    lines: [`Somebody, probably you, signed up at ${tenant} with this address.`],
    action: 'Choose a password and come in within 24 hours:',
    ending: 'If it was not you, do nothing: no account will be made.',
  }),
  invitation: (tenant) => ({
    subject: `Your invitation to ${tenant}`,
    lines: [`You are invited to ${tenant}.`],
    action: 'Choose a password and come in within 7 days:',
    ending: 'If you do not want to, do nothing: no account will be made.',
  }),
  has_account: (tenant) => ({
    subject: `Your account at ${tenant}`,
    lines: [`Somebody, probably you, signed up at ${tenant} with this address, which has an account already.`],
    ending: 'Sign in with it. If you have forgotten the password, ask for a new one there.',
  }),
  reset: (tenant) => ({
    subject: `A new password for ${tenant}`,
    lines: [`Somebody, probably you, asked for a new password at ${tenant}.`],
    action: 'Choose it within 30 minutes:',
    ending: 'If it was not you, do nothing: your password stays as it is.',
  }),
  no_account: (tenant) => ({
    subject: `A new password for ${tenant}`,
    lines: [`Somebody, probably you, asked for a new password at ${tenant}, where this address has no account.`],
    ending: 'Perhaps you have signed up with another address. If it was not you, do nothing.',
  }),
  password_changed: (tenant) => ({
    subject: `Your password at ${tenant} was changed`,
    lines: [`The password of your account at ${tenant} was changed, and all devices were signed out.`],
    ending: 'If it was not you, ask for a new password at once.',
  }),
  passkey_added: (tenant) => ({
    subject: `A passkey was added to your account at ${tenant}`,
    lines: [`A passkey was added to your account at ${tenant}. It signs in without the password.`],
    ending:
      'If it was not you, ask for a new password at once, and remove the passkey in the settings of your account.',
  }),
};

const ZH: Texts = {
  confirm: (tenant) => ({
    subject: `请确认您在 ${tenant} 的邮箱地址`,
    lines: [`有人(可能是您)使用此邮箱在 ${tenant} 注册。`],
    action: '请在 24 小时内设置密码并登录:',
    ending: '如果不是您本人操作,请忽略此邮件,不会创建任何账号。',
  }),
  invitation: (tenant) => ({
    subject: `${tenant} 邀请您加入`,
    lines: [`您受邀加入 ${tenant}。`],
    action: '请在 7 天内设置密码并登录:',
    ending: '如果您不想加入,请忽略此邮件,不会创建任何账号。',
  }),
  has_account: (tenant) => ({
    subject: `您在 ${tenant} 的账号`,
    lines: [`有人(可能是您)使用此邮箱在 ${tenant} 注册,但该邮箱已有账号。`],
    ending: '请直接登录。如果忘记密码,可在登录页面重设。',
  }),
  reset: (tenant) => ({
    subject: `重设 ${tenant} 的密码`,
    lines: [`有人(可能是您)请求重设 ${tenant} 的密码。`],
    action: '请在 30 分钟内设置新密码:',
    ending: '如果不是您本人操作,请忽略此邮件,密码不会改变。',
  }),
  no_account: (tenant) => ({
    subject: `重设 ${tenant} 的密码`,
    lines: [`有人(可能是您)请求重设 ${tenant} 的密码,但此邮箱在那里没有账号。`],
    ending: '您可能使用了其他邮箱注册。如果不是您本人操作,请忽略此邮件。',
  }),
  password_changed: (tenant) => ({
    subject: `您在 ${tenant} 的密码已更改`,
    lines: [`您在 ${tenant} 的账号密码已更改,所有设备均已退出登录。`],
    ending: '如果不是您本人操作,请立即重设密码。',
  }),
  passkey_added: (tenant) => ({
    subject: `您在 ${tenant} 的账号已添加通行密钥`,
    lines: [`您在 ${tenant} 的账号已添加一个通行密钥,使用它登录无需密码。`],
    ending: '如果不是您本人操作,请立即重设密码,并在账号设置中删除该通行密钥。',
  }),
};

const TEXTS: Record<Locale, Texts> = { en: EN, zh: ZH };

export interface MailContent {
  readonly kind: MailKind;
  readonly locale: Locale;
  /** Name of the tenant. */
  readonly tenant: string;
  /** Where there is something to do. */
  readonly token?: string;
  /** Page of the client; without it the token stands alone, to be typed. */
  readonly appUrl?: string | undefined;
}

export function mailOf({ kind, locale, tenant, token, appUrl }: MailContent): Omit<Mail, 'id' | 'to'> {
  const { subject, lines, action, ending } = TEXTS[locale][kind](tenant);
  const step = kind === 'reset' ? 'reset' : 'confirm';
  // Behind the `#`, so that no server on the way writes it down.
  const link = appUrl === undefined || token === undefined ? undefined : `${appUrl}#${step}=${token}`;
  const todo = token === undefined ? [] : [action ?? '', link ?? token];
  const text = [...lines, ...todo, ending].join('\n\n');
  const shown = link === undefined ? `<code>${escaped(token ?? '')}</code>` : anchor(link);
  const html = [...lines.map(escaped), ...(token === undefined ? [] : [escaped(action ?? ''), shown]), escaped(ending)];
  const body = html.map((line) => `<p>${line}</p>`).join('\n');
  return { subject, text, html: `<!doctype html>\n<html lang="${locale}"><body>\n${body}\n</body></html>\n` };
}

const anchor = (link: string) => `<a href="${escaped(link)}">${escaped(link)}</a>`;

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign);
