/** Texts of signing in and of what is one's own. */
export interface AccountTexts {
  readonly email: string;
  readonly password: string;
  readonly code: string;
  readonly codeHint: string;
  readonly username: string;
  readonly displayName: string;
  readonly signIn: string;
  readonly signInWith: (provider: string) => string;
  readonly signInWithPasskey: string;
  readonly signUp: string;
  readonly signOut: string;
  readonly signOutOne: (device: string) => string;
  readonly signOutEverywhere: string;
  readonly signOutEverywhereAsk: string;
  readonly signedOut: string;
  /** The server was not told. */
  readonly signedOutHereAlone: string;
  readonly toSignIn: string;
  readonly toSignUp: string;
  readonly toForgot: string;
  readonly askForMail: string;
  readonly mailSent: (email: string) => string;
  readonly choosePassword: string;
  readonly newPasswordHint: string;
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly passwordRule: string;
  readonly setPassword: string;
  readonly passwordSet: string;
  readonly changePassword: string;
  readonly passwordChanged: string;
  readonly begin: string;
  readonly demoUsers: string;
  readonly me: string;
  readonly profile: string;
  readonly status: string;
  readonly emoji: string;
  readonly bio: string;
  readonly timeZone: string;
  readonly saved: string;
  readonly security: string;
  readonly devices: string;
  readonly noDevice: string;
  readonly thisDevice: string;
  readonly lastSeen: (date: string) => string;
  readonly secondFactor: string;
  readonly secondFactorOff: string;
  readonly secretHint: string;
  readonly openAuthenticator: string;
  readonly confirm: string;
  readonly recoveryHint: string;
  readonly recoveryCodes: string;
  readonly turnOn: string;
  readonly turnOff: string;
  readonly passkey: string;
  readonly passkeys: string;
  readonly passkeysHint: string;
  readonly noPasskeys: string;
  readonly passkeyName: string;
  readonly passkeyAdded: (date: string) => string;
  readonly passkeyUsed: (date: string) => string;
  readonly addPasskey: string;
  readonly renamePasskey: (name: string) => string;
  readonly removePasskey: (name: string) => string;
  readonly blocked: string;
  readonly blockedHint: string;
  readonly nobodyBlocked: string;
  readonly unblock: string;
  readonly unblockOne: (name: string) => string;
}

export const en: AccountTexts = {
  email: 'E-mail',
  password: 'Password',
  code: 'Code',
  codeHint: 'From your authenticator app, or a recovery code',
  username: 'User name',
  displayName: 'Name',
  signIn: 'Sign in',
  signInWith: (provider) => `Sign in with ${provider}`,
  signInWithPasskey: 'Sign in with a passkey',
  signUp: 'Sign up',
  signOut: 'Sign out',
  signOutOne: (device) => `Sign out ${device}`,
  signOutEverywhere: 'Sign out everywhere',
  signOutEverywhereAsk: 'Sign out on all devices, this one too?',
  signedOut: 'signed out',
  signedOutHereAlone:
    'You are signed out in this browser, but the server could not be told. If others use it, sign in again and sign out once more.',
  toSignIn: 'Sign in',
  toSignUp: 'Create an account',
  toForgot: 'Forgotten your password?',
  askForMail: 'Send me a mail',
  mailSent: (email) => `A mail is on its way to ${email}. It says how to go on.`,
  choosePassword: 'Choose a password, and come in.',
  newPasswordHint: 'Choose a new password. All devices are signed out.',
  oldPassword: 'Password of now',
  newPassword: 'New password',
  passwordRule: 'At least 8 characters; the commonest ones are refused',
  setPassword: 'Set password',
  passwordSet: 'The new password counts. Sign in with it.',
  changePassword: 'Change password',
  passwordChanged: 'Changed. All other devices are signed out.',
  begin: 'Come in',
  demoUsers: 'Ready-made sign-ins',
  me: 'You',
  profile: 'Profile',
  status: 'Status',
  emoji: 'Emoji',
  bio: 'About you',
  timeZone: 'Time zone',
  saved: 'Saved',
  security: 'Security',
  devices: 'Devices',
  noDevice: 'Without a name',
  thisDevice: 'This device',
  lastSeen: (date) => `Last seen ${date}`,
  secondFactor: 'Second factor',
  secondFactorOff: 'The second factor is off.',
  secretHint: 'Add this secret to your authenticator app, and type the code that it shows.',
  openAuthenticator: 'Open in an authenticator app',
  confirm: 'Confirm',
  recoveryHint:
    'The second factor is on. Keep these codes: each works once in place of a code, and they are shown only now.',
  recoveryCodes: 'Recovery codes',
  turnOn: 'Turn on',
  turnOff: 'Turn off',
  passkey: 'Passkey',
  passkeys: 'Passkeys',
  passkeysHint: 'A passkey signs you in by your fingerprint, your face or a PIN, without a password or a code.',
  noPasskeys: 'You have no passkeys',
  passkeyName: 'Name of the passkey',
  passkeyAdded: (date) => `Added ${date}`,
  passkeyUsed: (date) => `last used ${date}`,
  addPasskey: 'Add a passkey',
  renamePasskey: (name) => `Rename ${name}`,
  removePasskey: (name) => `Remove ${name}`,
  blocked: 'Blocked',
  blockedHint: 'Those whom you block cannot write to you alone, invite you or follow you. They are not told.',
  nobodyBlocked: 'You have blocked nobody',
  unblock: 'Unblock',
  unblockOne: (name) => `Unblock ${name}`,
};

export const zh: AccountTexts = {
  email: '邮箱',
  password: '密码',
  code: '验证码',
  codeHint: '来自身份验证器应用，或使用恢复码',
  username: '用户名',
  displayName: '姓名',
  signIn: '登录',
  signInWith: (provider) => `使用 ${provider} 登录`,
  signInWithPasskey: '使用通行密钥登录',
  signUp: '注册',
  signOut: '退出登录',
  signOutOne: (device) => `退出 ${device}`,
  signOutEverywhere: '退出所有设备',
  signOutEverywhereAsk: '要退出所有设备（包括本设备）吗？',
  signedOut: '已退出',
  signedOutHereAlone: '已在此浏览器中退出登录，但未能通知服务器。如果他人也使用此浏览器，请重新登录后再退出一次。',
  toSignIn: '登录',
  toSignUp: '创建账号',
  toForgot: '忘记密码？',
  askForMail: '发送邮件',
  mailSent: (email) => `邮件已发往 ${email}，请按其中的说明继续。`,
  choosePassword: '设置密码后即可进入。',
  newPasswordHint: '请设置新密码，所有设备都将退出登录。',
  oldPassword: '当前密码',
  newPassword: '新密码',
  passwordRule: '至少 8 个字符，不接受最常见的密码',
  setPassword: '设置密码',
  passwordSet: '新密码已生效，请用它登录。',
  changePassword: '修改密码',
  passwordChanged: '已修改，其他设备均已退出登录。',
  begin: '进入',
  demoUsers: '现成的登录身份',
  me: '我',
  profile: '个人资料',
  status: '状态',
  emoji: '表情',
  bio: '简介',
  timeZone: '时区',
  saved: '已保存',
  security: '安全',
  devices: '设备',
  noDevice: '未命名',
  thisDevice: '本设备',
  lastSeen: (date) => `上次在线：${date}`,
  secondFactor: '两步验证',
  secondFactorOff: '两步验证已关闭。',
  secretHint: '请将此密钥添加到身份验证器应用，并输入其显示的验证码。',
  openAuthenticator: '在身份验证器应用中打开',
  confirm: '确认',
  recoveryHint: '两步验证已开启。请妥善保存这些恢复码：每个只能代替验证码使用一次，且仅在此时显示。',
  recoveryCodes: '恢复码',
  turnOn: '开启',
  turnOff: '关闭',
  passkey: '通行密钥',
  passkeys: '通行密钥',
  passkeysHint: '通行密钥可通过指纹、面容或 PIN 登录，无需密码或验证码。',
  noPasskeys: '你还没有通行密钥',
  passkeyName: '通行密钥名称',
  passkeyAdded: (date) => `添加于 ${date}`,
  passkeyUsed: (date) => `上次使用：${date}`,
  addPasskey: '添加通行密钥',
  renamePasskey: (name) => `重命名 ${name}`,
  removePasskey: (name) => `删除 ${name}`,
  blocked: '已屏蔽',
  blockedHint: '被屏蔽的人无法与你单聊、邀请或关注你，也不会收到通知。',
  nobodyBlocked: '你没有屏蔽任何人',
  unblock: '解除屏蔽',
  unblockOne: (name) => `解除对 ${name} 的屏蔽`,
};
